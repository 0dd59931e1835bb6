import { createHash } from 'node:crypto'
import type { Ids } from '@hydra/runtime'
import { mix } from './mix.ts'

const form = /^[0-9a-f]{2}-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}$/

/** Whether a value is a `traceparent` header. Source: https://www.w3.org/TR/trace-context/ */
export const isTraceparent = (value: unknown): value is string =>
  typeof value === 'string' && value.length === 55 && form.test(value)

/**
 * Makes `traceparent` values for calls that start a trace. One id is hashed into a seed; each trace id is that seed
 * next to a well mixed count, which is as unique as random bytes and costs no system call on the hot path.
 *
 * @example createTraceparents(ids)() // 00-9f86d081884c7d65d0a3c1f2e4b59687-c7d65d0a884c81a3-00
 */
export function createTraceparents(ids: Ids): () => string {
  const seed = createHash('sha256').update(ids.next()).digest()
  const start = `00-${seed.toString('hex', 0, 12)}`
  const end = `${seed.toString('hex', 12, 16)}-00`
  const scramble = seed.readUInt32BE(16)
  let count = 0
  return () => {
    count = (count + 1) >>> 0
    const varying = hex(mix(count ^ scramble))
    return `${start}${varying}-${varying}${end}`
  }
}

const hex = (word: number): string => word.toString(16).padStart(8, '0')
