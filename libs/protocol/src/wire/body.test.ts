import * as fc from 'fast-check'
import { Packr, Unpackr } from 'msgpackr'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { HydraError } from '../hydra-error.ts'
import { limits } from '../limits.ts'
import { bodyCodec, isSerializer, serializers } from './body.ts'

const json = bodyCodec('json')
const msgpack = bodyCodec('msgpack')
const text = (value: string) => new TextEncoder().encode(value)
const hex = (value: Uint8Array) => Buffer.from(value).toString('hex')
const protocolError = expect.objectContaining({ code: 'PROTOCOL_ERROR' })

/** What contracts are made of: every value that JSON carries unchanged. */
const plain = fc
  .jsonValue({ maxDepth: 6, stringUnit: 'grapheme' })
  .filter((value) => !JSON.stringify(value).includes('__proto__'))

afterEach(() => vi.restoreAllMocks())

describe.each(serializers)('%s', (serializer) => {
  const codec = bodyCodec(serializer)

  test('gives back what it was given', () => {
    fc.assert(
      fc.property(plain, (value) => {
        expect(codec.decode(codec.encode(value))).toEqual(asJson(value))
      }),
    )
  })

  test.each([
    ['64 to 127, which are record tokens to msgpackr', Array.from({ length: 64 }, (_, i) => 64 + i)],
    ['large and negative integers', [2 ** 31, 2 ** 32, -(2 ** 31), Number.MAX_SAFE_INTEGER, -1, -129]],
    ['a timestamp', { sentAtMs: 1_795_374_000_123 }],
    ['long texts', { text: 'ä'.repeat(70_000), key: 'x'.repeat(300) }],
    ['a map of many keys', Object.fromEntries(Array.from({ length: 70_000 }, (_, i) => [`k${i}`, i]))],
    ['nesting up to the limit', nested(limits.bodyMaxDepth)],
  ])('carries %s', (_, value) => {
    expect(codec.decode(codec.encode(value))).toEqual(value)
  })

  test('leaves undefined fields out and is never empty', () => {
    expect(codec.decode(codec.encode({ a: undefined, b: [1, undefined], c: { d: undefined } }))).toEqual({
      b: [1, null],
      c: {},
    })
    expect(codec.decode(codec.encode(undefined))).toBeNull()
    expect(codec.encode({}).length).toBeGreaterThan(0)
  })

  test('says INTERNAL about what it cannot write', () => {
    const cyclic: Record<string, unknown> = {}
    cyclic['self'] = cyclic
    for (const value of [() => 1, Symbol('s'), cyclic, 2n ** 70n]) {
      expect(() => codec.encode(value)).toThrow(expect.objectContaining({ code: 'INTERNAL' }))
    }
    expect(codec.decode(codec.encode({ after: 'a failure' }))).toEqual({ after: 'a failure' })
  })

  test('random bytes give plain values or PROTOCOL_ERROR, nothing else', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 60 }), (input) => {
        expect(['plain', 'PROTOCOL_ERROR']).toContain(outcome(() => codec.decode(input)))
      }),
      { numRuns: 5_000 },
    )
  })

  test('so do real bodies with some bytes changed', () => {
    fc.assert(
      fc.property(plain, fc.nat(), fc.nat(255), (value, position, byte) => {
        const input = Uint8Array.from(codec.encode(value))
        input[position % input.length] = byte
        expect(['plain', 'PROTOCOL_ERROR']).toContain(outcome(() => codec.decode(input)))
      }),
      { numRuns: 3_000 },
    )
  })

  test('a body cut off anywhere is refused', () => {
    const body = codec.encode({ name: 'Ada', list: [1, 70_000, 1.5, null, true], text: 'é'.repeat(40) })
    for (let length = 0; length < body.length; length++) {
      expect(() => codec.decode(body.subarray(0, length))).toThrow(protocolError)
    }
  })

  test('nesting over the limit is refused, however deep it is', () => {
    expect(() => codec.decode(codec.encode(nested(limits.bodyMaxDepth + 1)))).toThrow('nests too deep')
    const deep = serializer === 'json' ? text('['.repeat(1e6) + ']'.repeat(1e6)) : hostile.deepArrays
    expect(() => codec.decode(deep)).toThrow(protocolError)
  })

  test('a key named __proto__ is refused', () => {
    const body = serializer === 'json' ? text('{"\\u005f_proto__":{"admin":true}}') : hostile.protoKey
    expect(() => codec.decode(body)).toThrow('__proto__')
    expect(({} as Record<string, unknown>)['admin']).toBeUndefined()
  })
})

describe('JSON', () => {
  test.each(['"\\ud800"', '{"a":["\\udfff x"]}', '{"\\ud800":1}'])(
    'half a surrogate pair is refused: %s',
    (body) => {
      expect(() => json.decode(text(body))).toThrow('no valid Unicode')
    },
  )

  test('a whole pair is not', () => {
    expect(json.decode(text('"\\ud83d\\ude00"'))).toBe('😀')
  })

  test('bytes that are no UTF-8 are refused', () => {
    expect(() => json.decode(Uint8Array.of(0x22, 0xff, 0x22))).toThrow(protocolError)
  })
})

describe('MessagePack', () => {
  test.each([
    ['a byte that begins nothing', [0xff]],
    ['half a surrogate pair', [0xed, 0xa0, 0xbd]],
    ['a zero that is written too long', [0xc0, 0x80]],
    ['a code point above U+10FFFF', [0xf4, 0x90, 0x80, 0x80]],
    ['the beginning of a character', [0x61, 0xe2, 0x82]],
  ])('texts and keys that are no UTF-8 are refused instead of changed: %s', (_what, bytes) => {
    const short = [0xa0 | bytes.length, ...bytes]
    const long = [0xd9, bytes.length, ...bytes]
    for (const body of [
      short,
      long,
      [0xda, 0, bytes.length, ...bytes],
      [0x81, ...short, 1],
      [0x91, ...long],
    ]) {
      expect(() => msgpack.decode(Uint8Array.from(body))).toThrow('no valid Unicode')
    }
    expect(() => msgpack.decode(msgpack.encode({ text: '\ud83d' }))).toThrow(protocolError)
  })

  test('a plain MessagePack implementation reads what we write', () => {
    // Structures switched off and maps as Map: the most literal reading that msgpackr offers.
    const literal = new Unpackr({ useRecords: false, mapsAsObjects: false })
    const body = msgpack.encode({ id: 100, name: 'Ada', tags: ['a', 'b'], gone: undefined })
    expect(literal.unpack(body)).toEqual(
      new Map<string, unknown>([
        ['id', 100],
        ['name', 'Ada'],
        ['tags', ['a', 'b']],
      ]),
    )
    expect(hex(body)).toBe('83a2696464a46e616d65a3416461a47461677392a161a162')
  })

  test('nothing that we write needs an extension type', () => {
    fc.assert(
      fc.property(plain, (value) => {
        expect(outcome(() => msgpack.decode(msgpack.encode({ value, gone: undefined })))).toBe('plain')
      }),
    )
  })

  test('reads integers of 64 bits and other widths as numbers', () => {
    const body = bytes('96 cf 00000000ffffffff d3 ffffffffffffffff d0 ff cd 0001 ca 3fc00000 d2 ffffff00')
    expect(msgpack.decode(body)).toEqual([4_294_967_295, -1, -1, 1, 1.5, -256])
  })

  test('never compiles code or keeps record layouts for a client', () => {
    const compiled = vi.spyOn(globalThis, 'Function')
    // The oracle proves that the input is dangerous: msgpackr alone turns it into code.
    expect(new Unpackr({ useRecords: false }).unpack(hostile.record)).toHaveLength(6)
    expect(compiled).toHaveBeenCalled()
    compiled.mockClear()
    expect(() => msgpack.decode(hostile.record)).toThrow('extension type')
    expect(compiled).not.toHaveBeenCalled()
    // Tokens that a layout of the refused message would stand behind are numbers again.
    expect(msgpack.decode(bytes('92 40 01'))).toEqual([0x40, 1])
  })

  test.each([
    ['a record written by msgpackr', new Packr({ useRecords: true }).pack({ a: 1, b: 2 })],
    ['a record definition of two bytes', bytes('d5 72 40 00 91 a1 61 01')],
    ['a cycle by reference', bytes('92 d6 69 00000001 91 d6 70 00000001 c0')],
    ['a date', new Packr().pack(new Date(0))],
    ['a set', new Packr({ moreTypes: true }).pack(new Set([1]))],
    ['an error', new Packr({ moreTypes: true }).pack(new Error('x'))],
    ['a regular expression', bytes('d4 78 00 92 a7 282e2a292a61 ff a1 67')],
    ['a typed array', new Packr({ moreTypes: true }).pack(new Float64Array(2))],
    ['a huge bigint', bytes(`c8 4000 42 ${'ff'.repeat(0x4000)}`)],
    ['bundled strings', new Packr({ bundleStrings: true }).pack(['some text', 'more of it'])],
    ['notepack’s undefined', bytes('d4 00 00')],
    ['an unknown extension', bytes('c7 01 63 00')],
    ['the token that is never used', bytes('c1')],
    ['a key that is a number', bytes('81 01 02')],
    ['a key that is a map', bytes('81 80 02')],
    ['bytes behind the value', bytes('c0 c0')],
    ['an array that claims 4 billion elements', bytes('dd ffffffff c0')],
    ['a map that claims 4 billion entries', bytes('df ffffffff a1 61 c0')],
    ['a text that claims 4 GB', bytes('db ffffffff 61')],
    ['binary data that claims 4 GB', bytes('c6 ffffffff 61')],
    ['nothing', new Uint8Array(0)],
  ])('refuses %s', (_, body) => {
    expect(() => msgpack.decode(body)).toThrow(protocolError)
  })

  test('reads a body inside a larger buffer without touching its neighbours', () => {
    const body = msgpack.encode({ text: 'a text that is longer than sixteen bytes', list: ['x', 'y'] })
    const around = Uint8Array.of(0xdd, 0xff, ...body, 0xd9, 0x50)
    expect(msgpack.decode(around.subarray(2, 2 + body.length))).toEqual(msgpack.decode(body))
    expect(() => msgpack.decode(around.subarray(2, 1 + body.length))).toThrow(protocolError)
  })

  test('carries bytes', () => {
    const decoded = msgpack.decode(msgpack.encode({ payload: Uint8Array.of(1, 2, 3) }))
    expect(decoded).toEqual({ payload: Buffer.from([1, 2, 3]) })
  })
})

test('isSerializer knows the two names', () => {
  expect(['json', 'msgpack', 'protobuf', '', undefined, 1].map(isSerializer)).toEqual([
    true,
    true,
    false,
    false,
    false,
    false,
  ])
})

const hostile = {
  deepArrays: new Uint8Array(1e6).fill(0x91),
  protoKey: bytes('81 a9 5f5f70726f746f5f5f 81 a5 61646d696e c3'),
  /** Six values of one record: from the fourth on, msgpackr compiles a reader for it. */
  record: bytes('96 d4 72 40 91 a1 61 01 40 02 40 03 40 04 40 05 40 06'),
}

function bytes(value: string): Uint8Array {
  return Uint8Array.from(Buffer.from(value.replaceAll(' ', ''), 'hex'))
}

function nested(depth: number): unknown {
  return depth === 0 ? 0 : [nested(depth - 1)]
}

function asJson(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value))
}

/** `plain`, or the code of the refusal. Anything thrown that is not ours fails the test by being thrown on. */
function outcome(decode: () => unknown): string {
  try {
    return isPlain(decode()) ? 'plain' : 'more than plain values'
  } catch (error) {
    if (error instanceof HydraError) return error.code
    throw error
  }
}

function isPlain(value: unknown): boolean {
  if (value === null || value instanceof Uint8Array) return true
  if (typeof value !== 'object') return ['boolean', 'number', 'string'].includes(typeof value)
  if (Array.isArray(value)) return value.every(isPlain)
  return Object.getPrototypeOf(value) === Object.prototype && Object.values(value).every(isPlain)
}
