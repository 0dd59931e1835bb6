import * as fc from 'fast-check'
import { Package } from 'pinus-protocol'
import { describe, expect, test } from 'vitest'
import { HydraError } from '../hydra-error.ts'
import { limits } from '../limits.ts'
import { decodePacket, encodePacket, packetType, writePacketHeader, type PacketType } from './packet.ts'

const bytes = (hex: string) => Uint8Array.from(Buffer.from(hex.replaceAll(' ', ''), 'hex'))
const hex = (value: Uint8Array) => Buffer.from(value).toString('hex')
const types = Object.values(packetType)
const anyPacket = fc.record({
  type: fc.constantFrom<PacketType>(...types),
  body: fc.uint8Array({ maxLength: 300 }),
})

describe('known bytes', () => {
  test.each([
    ['handshake ack', encodePacket(packetType.handshakeAck), '02 000000'],
    ['heartbeat', encodePacket(packetType.heartbeat), '03 000000'],
    ['data', encodePacket(packetType.data, bytes('02 01 61')), '04 000003 020161'],
    ['kick', encodePacket(packetType.kick, bytes('7b7d')), '05 000002 7b7d'],
  ])('%s', (_, packet, expected) => {
    expect(hex(packet)).toBe(expected.replaceAll(' ', ''))
  })

  test('the length is big-endian and three bytes long', () => {
    expect(hex(encodePacket(packetType.data, new Uint8Array(0x01_02_03)).subarray(0, 4))).toBe('04010203')
  })
})

describe('against pinus-protocol', () => {
  test('writes the same bytes', () => {
    fc.assert(
      fc.property(anyPacket, ({ type, body }) => {
        expect(hex(encodePacket(type, body))).toBe(hex(Package.encode(type, Buffer.from(body))))
      }),
    )
  })

  test('reads what it writes', () => {
    fc.assert(
      fc.property(anyPacket, ({ type, body }) => {
        const packet = decodePacket(Uint8Array.from(Package.encode(type, Buffer.from(body))))
        expect(packet.type).toBe(type)
        expect(hex(packet.body)).toBe(hex(body))
      }),
    )
  })

  test('it reads what we write', () => {
    fc.assert(
      fc.property(anyPacket, ({ type, body }) => {
        const packet = Package.decode(Buffer.from(encodePacket(type, body)))
        expect(packet).toEqual({ type, body: body.length === 0 ? null : Buffer.from(body) })
      }),
    )
  })
})

describe('hostile bytes', () => {
  test('random bytes give a packet that encodes to the same bytes, or PROTOCOL_ERROR', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 40 }), (input) => {
        expect(['PROTOCOL_ERROR', hex(input)]).toContain(reencoded(input))
      }),
      { numRuns: 2_000 },
    )
  })

  test('a packet cut off anywhere is refused, and so is one with bytes behind it', () => {
    const packet = encodePacket(packetType.data, bytes('02 01 61'))
    for (let length = 0; length < packet.length; length++) {
      expect(() => decodePacket(packet.subarray(0, length))).toThrow(/Malformed packet/)
    }
    expect(() => decodePacket(Uint8Array.of(...packet, 0))).toThrow('announces 3 bytes of body, 4 came')
  })

  test.each([0, 6, 0x47, 0xff])('type %i is refused', (type) => {
    expect(() => decodePacket(Uint8Array.of(type, 0, 0, 0))).toThrow(`${type} is no packet type`)
  })

  test('a body that does not fit the length field is refused', () => {
    const header = new Uint8Array(4)
    writePacketHeader(header, packetType.data, limits.packetBodyMaxBytes)
    expect(hex(header)).toBe('04ffffff')
    expect(() => writePacketHeader(header, packetType.data, limits.packetBodyMaxBytes + 1)).toThrow(
      expect.objectContaining({ code: 'PAYLOAD_TOO_LARGE' }),
    )
  })
})

/** The bytes of the packet that was read, or the code of the refusal. */
function reencoded(input: Uint8Array): string {
  try {
    const { type, body } = decodePacket(input)
    return hex(encodePacket(type, body))
  } catch (error) {
    if (error instanceof HydraError) return error.code
    throw error
  }
}
