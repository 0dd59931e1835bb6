import { isIP } from 'node:net'

/** What a proxy says of the connection behind it. */
export interface ProxyHeader {
  /** Bytes that the header takes; what follows is the client's. */
  readonly bytes: number
  /** The client's address as text; `undefined` when the proxy speaks for itself, for example to check our health. */
  readonly address: string | undefined
}

const signature = Buffer.from([0x0d, 0x0a, 0x0d, 0x0a, 0x00, 0x0d, 0x0a, 0x51, 0x55, 0x49, 0x54, 0x0a])
const headBytes = 16
/** Of the first version; the longest line that there can be. */
const lineMaxBytes = 107
/** Of the second version: addresses, and more options than any proxy sends. */
const bodyMaxBytes = 2_048

/**
 * Reads the header that a proxy puts before a client's bytes, in both versions of the format. Answers `undefined` while
 * it is not whole.
 *
 * Source: "The PROXY protocol", versions 1 and 2, from HAProxy.
 *
 * @throws Error that says what is wrong; the connection is not from such a proxy then.
 * @example readProxyHeader(Buffer.from('PROXY TCP4 203.0.113.9 10.0.0.1 51234 3250\r\n')) // address 203.0.113.9
 */
export function readProxyHeader(from: Buffer): ProxyHeader | undefined {
  const isSecond = from.subarray(0, signature.length).equals(signature.subarray(0, from.length))
  return isSecond ? readSecond(from) : readFirst(from)
}

function readFirst(from: Buffer): ProxyHeader | undefined {
  const prefix = Buffer.from('PROXY ')
  if (!from.subarray(0, prefix.length).equals(prefix.subarray(0, from.length)))
    throw new Error('There is no PROXY header.')
  const end = from.subarray(0, lineMaxBytes).indexOf('\r\n')
  if (end === -1) {
    if (from.length >= lineMaxBytes) throw new Error('The PROXY header does not end.')
    return undefined
  }
  const [, family, source, target, sourcePort, targetPort] = from.toString('latin1', 0, end).split(' ')
  const bytes = end + 2
  if (family === 'UNKNOWN') return { bytes, address: undefined }
  const version = family === 'TCP4' ? 4 : family === 'TCP6' ? 6 : undefined
  const addresses = [source, target].every((text) => text !== undefined && isIP(text) === version)
  const ports = [sourcePort, targetPort].every((text) => text !== undefined && /^\d{1,5}$/.test(text))
  if (version === undefined || !addresses || !ports) throw new Error('The PROXY header cannot be read.')
  return { bytes, address: source }
}

function readSecond(from: Buffer): ProxyHeader | undefined {
  if (from.length < headBytes) return undefined
  const command = from[12] ?? 0
  const family = from[13] ?? 0
  const bodyBytes = from.readUInt16BE(14)
  if (command >> 4 !== 2 || (command & 15) > 1) throw new Error('The PROXY header has an unknown version.')
  if (bodyBytes > bodyMaxBytes) throw new Error('The PROXY header is too long.')
  const bytes = headBytes + bodyBytes
  if (from.length < bytes) return undefined
  const isLocal = (command & 15) === 0
  return { bytes, address: isLocal ? undefined : sourceOf(from, family, bodyBytes) }
}

/** TCP over IPv4 or IPv6; of everything else the address is not used. */
function sourceOf(from: Buffer, family: number, bodyBytes: number): string | undefined {
  if (family !== 0x11 && family !== 0x21) return undefined
  const isFour = family === 0x11
  if (bodyBytes < (isFour ? 12 : 36)) throw new Error('The PROXY header is too short for its addresses.')
  if (isFour) return [...from.subarray(headBytes, headBytes + 4)].join('.')
  const groups = Array.from({ length: 8 }, (_, index) => from.readUInt16BE(headBytes + 2 * index))
  return groups.map((group) => group.toString(16)).join(':')
}
