import { createHash } from 'node:crypto'
import { HydraError } from '@hydra/protocol'
import type { Ids } from '@hydra/runtime'
import { mix } from './mix.ts'

/** A trace context in bytes: version 1, trace id 16, parent id 8, flags 1. */
export const traceBytes = 26

const form = /^[0-9a-f]{2}-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}$/

/** Whether a value is a `traceparent` header. Source: https://www.w3.org/TR/trace-context/ */
export const isTraceparent = (value: unknown): value is string =>
  typeof value === 'string' && value.length === 55 && form.test(value)

/**
 * A `traceparent` header as it travels between servers.
 *
 * @throws HydraError `BAD_REQUEST` when it is none.
 */
export function parseTraceparent(traceparent: string): Uint8Array {
  if (isTraceparent(traceparent)) return Buffer.from(traceparent.replaceAll('-', ''), 'hex')
  const shown = JSON.stringify(String(traceparent).slice(0, 60))
  throw new HydraError('BAD_REQUEST', `${shown} is no W3C traceparent.`, {
    metadata: { path: 'traceparent' },
  })
}

/** What {@link parseTraceparent} read, as text. */
export function formatTraceparent(trace: Uint8Array): string {
  const hex = Buffer.from(trace.buffer, trace.byteOffset, traceBytes).toString('hex')
  return `${hex.slice(0, 2)}-${hex.slice(2, 34)}-${hex.slice(34, 50)}-${hex.slice(50)}`
}

/** Whether a trace context says that its trace is recorded. */
export const isSampled = (trace: Uint8Array): boolean => ((trace[traceBytes - 1] ?? 0) & 1) === 1

/**
 * Makes trace contexts for calls that start a trace, which nobody samples. One id is hashed into a seed; each trace id is that seed next to
 * a well mixed count, which is as unique as random bytes and costs no system call on the hot path.
 *
 * @example formatTraceparent(createTraces(ids)()) // 00-9f86d081884c7d65d0a3c1f2e4b59687-c7d65d0a884c81a3-00
 */
export function createTraces(ids: Ids): () => Uint8Array {
  const seed = createHash('sha256').update(ids.next()).digest()
  const template = new Uint8Array(traceBytes)
  template.set(seed.subarray(0, 12), 1)
  template.set(seed.subarray(12, 16), 21)
  const scramble = seed.readUInt32BE(16)
  let count = 0
  return () => {
    count = (count + 1) >>> 0
    const varying = mix(count ^ scramble)
    const trace = template.slice()
    for (const at of [13, 17]) {
      trace[at] = varying >>> 24
      trace[at + 1] = varying >>> 16
      trace[at + 2] = varying >>> 8
      trace[at + 3] = varying
    }
    return trace
  }
}
