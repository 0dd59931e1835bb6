import { Packr, Unpackr } from 'msgpackr'
import { HydraError } from '../hydra-error.ts'
import { limits } from '../limits.ts'

/** How bodies are written: chosen once per connection by `sys.serializer` of the handshake. */
export const serializers = ['json', 'msgpack'] as const
/** One of {@link serializers}. */
export type Serializer = (typeof serializers)[number]

/** Turns values into body bytes and back. */
export interface BodyCodec {
  readonly serializer: Serializer
  /** @throws HydraError `INTERNAL` when the value cannot be represented. */
  encode(value: unknown): Uint8Array
  /** @throws HydraError `PROTOCOL_ERROR` when the bytes are no such body. */
  decode(bytes: Uint8Array): unknown
}

const encoder = new TextEncoder()
const decoder = new TextDecoder('utf-8', { fatal: true })
// Plain maps only: records are msgpackr's own extension and other languages cannot read them.
const packr = new Packr({ useRecords: false, variableMapSize: true })
const unpackr = new Unpackr({ useRecords: false, mapsAsObjects: true, int64AsType: 'number' })

const json: BodyCodec = {
  serializer: 'json',
  encode: (value) => encoding('JSON', () => encoder.encode(JSON.stringify(value))),
  decode: (bytes) => decoding('JSON', () => JSON.parse(decoder.decode(bytes))),
}

const msgpack: BodyCodec = {
  serializer: 'msgpack',
  encode: (value) => encoding('MessagePack', () => packr.pack(value)),
  decode: (bytes) => decoding('MessagePack', () => unpackr.unpack(bytes)),
}

/**
 * The codec of a serializer.
 *
 * @example bodyCodec('json').decode(bodyCodec('json').encode({ a: 1 })) // { a: 1 }
 */
export const bodyCodec = (serializer: Serializer): BodyCodec => (serializer === 'json' ? json : msgpack)

/** Whether a string names a serializer. */
export const isSerializer = (value: unknown): value is Serializer =>
  serializers.some((known) => known === value)

function encoding(format: string, run: () => Uint8Array): Uint8Array {
  try {
    return run()
  } catch (cause) {
    throw new HydraError('INTERNAL', `A value cannot be written as ${format}.`, { cause })
  }
}

function decoding(format: string, run: () => unknown): unknown {
  let value: unknown
  try {
    value = run()
  } catch (cause) {
    throw new HydraError('PROTOCOL_ERROR', `The body is no valid ${format}.`, { cause })
  }
  if (!isPlain(value, limits.bodyMaxDepth)) {
    throw new HydraError(
      'PROTOCOL_ERROR',
      `The body holds more than plain ${format} values, or nests too deep.`,
    )
  }
  return value
}

/** msgpackr can yield dates, sets, errors and typed arrays from extension types; none is part of a contract. */
function isPlain(value: unknown, depthLeft: number): boolean {
  if (typeof value !== 'object' || value === null)
    return typeof value !== 'function' && typeof value !== 'symbol'
  if (depthLeft === 0) return false
  if (Array.isArray(value)) return value.every((item) => isPlain(item, depthLeft - 1))
  if (value instanceof Uint8Array) return true
  const prototype: unknown = Object.getPrototypeOf(value)
  if (prototype !== Object.prototype && prototype !== null) return false
  return Object.values(value).every((item) => isPlain(item, depthLeft - 1))
}
