import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { decodeMessageId, encodeMessageId, messageIdEnd } from './message-id.ts'

const protocolError = expect.objectContaining({ code: 'PROTOCOL_ERROR' })

describe('message ids', () => {
  test.each([
    [0, [0x00]],
    [1, [0x01]],
    [127, [0x7f]],
    [128, [0x80, 0x01]],
    [129, [0x81, 0x01]],
    [16_384, [0x80, 0x80, 0x01]],
    [2 ** 31, [0x80, 0x80, 0x80, 0x80, 0x08]],
    [2 ** 35 - 1, [0xff, 0xff, 0xff, 0xff, 0x7f]],
  ])('%i', (id, expected) => {
    expect([...encodeMessageId(id)]).toEqual(expected)
    expect(decodeMessageId(Uint8Array.from(expected))).toBe(id)
  })

  test('every id comes back, and its end is found with anything behind it', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 2 ** 35 - 1 }), fc.uint8Array(), (id, behind) => {
        const encoded = encodeMessageId(id)
        expect(decodeMessageId(encoded)).toBe(id)
        expect(messageIdEnd(Uint8Array.of(9, ...encoded, ...behind), 1)).toBe(1 + encoded.length)
      }),
    )
  })

  test.each([-1, 0.5, Number.NaN, 2 ** 35])('%d is no id', (id) => {
    expect(() => encodeMessageId(id)).toThrow(protocolError)
  })

  test('an id of six bytes, or one that is cut off, is refused', () => {
    expect(() => messageIdEnd(Uint8Array.of(0x80, 0x80, 0x80, 0x80, 0x80, 0x01), 0)).toThrow(
      'longer than five bytes',
    )
    for (let length = 0; length < 5; length++) {
      expect(() => messageIdEnd(new Uint8Array(length).fill(0x80), 0)).toThrow('ends inside its id')
    }
  })
})
