import { Packr, Unpackr } from 'msgpackr'
import { HydraError } from '../hydra-error.ts'
import { limits } from '../limits.ts'
import { scanMsgpack } from './msgpack-scan.ts'

/** How bodies are written: chosen once per connection by `sys.serializer` of the handshake. */
export const serializers = ['json', 'msgpack'] as const
/** One of {@link serializers}. */
export type Serializer = (typeof serializers)[number]

/**
 * Turns values into body bytes and back. Both serializers carry what JSON carries (MessagePack also bytes, which are
 * views into what was decoded). Fields that are `undefined` are left out, and no body is ever empty.
 */
export interface BodyCodec {
  readonly serializer: Serializer
  /** @throws HydraError `INTERNAL` when the value cannot be represented. */
  encode(value: unknown): Uint8Array
  /**
   * @throws HydraError `PROTOCOL_ERROR` when the bytes are no such body, nest deeper than `limits.bodyMaxDepth`, or
   * have a key `__proto__`.
   */
  decode(bytes: Uint8Array): unknown
}

const encoder = new TextEncoder()
const decoder = new TextDecoder('utf-8', { fatal: true })
// Plain maps only: records are msgpackr's own extension and other languages cannot read them. The same goes for its
// way to write `undefined`, hence `skipValues`, which its typings lack.
const packrOptions = {
  useRecords: false,
  variableMapSize: true,
  skipValues: [undefined],
  encodeUndefinedAsNil: true,
}
const packr = new Packr(packrOptions)
const unpackr = new Unpackr({ useRecords: false, mapsAsObjects: true, int64AsType: 'number' })

const json: BodyCodec = {
  serializer: 'json',
  encode: (value) => encoding('JSON', value, () => encoder.encode(JSON.stringify(value ?? null))),
  decode(bytes) {
    const value = decoding('JSON', () => JSON.parse(decoder.decode(bytes)) as unknown)
    assertPlain(value, limits.bodyMaxDepth)
    return value
  },
}

const msgpack: BodyCodec = {
  serializer: 'msgpack',
  encode: (value) => encoding('MessagePack', value, () => packr.pack(value)),
  decode(bytes) {
    scanMsgpack(bytes, limits.bodyMaxDepth)
    return decoding('MessagePack', () => unpackr.unpack(bytes) as unknown)
  },
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

function encoding(format: string, value: unknown, run: () => Uint8Array): Uint8Array {
  if (typeof value === 'function' || typeof value === 'symbol') {
    throw new HydraError('INTERNAL', `A ${typeof value} cannot be written as ${format}.`)
  }
  try {
    return run()
  } catch (cause) {
    throw new HydraError('INTERNAL', `A value cannot be written as ${format}.`, { cause })
  }
}

function decoding(format: string, run: () => unknown): unknown {
  try {
    return run()
  } catch (cause) {
    throw new HydraError('PROTOCOL_ERROR', `The body is no valid ${format}.`, { cause })
  }
}

/** What a JSON text can say and MessagePack or a later reader should not have to meet. */
function assertPlain(value: unknown, depthLeft: number): void {
  if (typeof value === 'string' && loneSurrogate.test(value)) throw refused('a text is no valid Unicode')
  if (typeof value !== 'object' || value === null) return
  if (depthLeft === 0) throw refused('it nests too deep')
  if (Array.isArray(value)) return value.forEach((item) => assertPlain(item, depthLeft - 1))
  for (const [key, item] of Object.entries(value)) {
    if (key === '__proto__') throw refused('it has a key "__proto__"')
    if (loneSurrogate.test(key)) throw refused('a key is no valid Unicode')
    assertPlain(item, depthLeft - 1)
  }
}

// Half a surrogate pair has no UTF-8 form: pushed to others, strict decoders would fail on it.
const loneSurrogate = /\p{Cs}/u

const refused = (why: string) => new HydraError('PROTOCOL_ERROR', `The body is refused: ${why}.`)
