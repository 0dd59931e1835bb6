import { deflateSync } from 'node:zlib'

/**
 * Compresses a body for a client that can read it (zlib, RFC 1950); `undefined` when that makes it no smaller, as with
 * bodies of a few bytes. Runs at once, to keep the order of messages, at the level that costs the least time.
 */
export function compressBody(body: Uint8Array, minBytes: number): Uint8Array | undefined {
  if (body.length < minBytes) return undefined
  const compressed = deflateSync(body, { level: 1 })
  return compressed.length < body.length ? compressed : undefined
}
