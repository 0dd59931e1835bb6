import * as fc from 'fast-check'
import { Message as PinusMessage } from 'pinus-protocol'
import { describe, expect, test } from 'vitest'
import { HydraError } from '../hydra-error.ts'
import { decodeMessageId, encodeMessageId } from './message-id.ts'
import { encodePacket, packetType } from './packet.ts'
import { decodeMessage, encodeMessage, encodeMessagePacket, messageKind, type Message } from './message.ts'

const bytes = (hex: string) => Uint8Array.from(Buffer.from(hex.replaceAll(' ', ''), 'hex'))
const hex = (value: Uint8Array) => Buffer.from(value).toString('hex')
const none = new Uint8Array(0)

const body = fc.uint8Array({ maxLength: 100 })
const route = fc.oneof(
  fc
    .string({ unit: 'grapheme', minLength: 1, maxLength: 60 })
    .filter((name) => Buffer.byteLength(name) <= 255),
  fc.integer({ min: 0, max: 0xff_ff }),
)
// pinus-protocol counts the bytes of an id with 32-bit shifts, so it cannot write larger ones.
const id = fc.integer({ min: 1, max: 2 ** 31 - 1 }).map(encodeMessageId)
const flags = { compressed: fc.boolean() }
const anyMessage: fc.Arbitrary<Message> = fc.oneof(
  fc.record({ kind: fc.constant('request' as const), id, route, body, ...flags }),
  fc.record({ kind: fc.constant('notify' as const), route, body, ...flags }),
  fc.record({ kind: fc.constant('response' as const), id, body, error: fc.boolean(), ...flags }),
  fc.record({ kind: fc.constant('push' as const), route, body, ...flags }),
)
/** Without the flags that pinus-protocol does not know, or does not write the same way. */
const pomeloMessage = anyMessage.map((message) => ({ ...message, compressed: false, error: false }))

function byPinus(message: Message): Uint8Array {
  const routeRef = message.kind === 'response' ? '' : message.route
  const idNumber = 'id' in message ? decodeMessageId(message.id) : 0
  const coded = typeof routeRef === 'number'
  return PinusMessage.encode(idNumber, messageKind[message.kind], coded, routeRef, Buffer.from(message.body))
}

describe('known bytes', () => {
  test.each<[string, Message, string]>([
    ['notify to "a"', { kind: 'notify', route: 'a', body: none }, '02 01 61'],
    ['push "a"', { kind: 'push', route: 'a', body: none }, '06 01 61'],
    ['push with route code 1', { kind: 'push', route: 1, body: none }, '07 00 01'],
    ['response to 129', { kind: 'response', id: encodeMessageId(129), body: none }, '04 81 01'],
    [
      'error response to 0',
      { kind: 'response', id: encodeMessageId(0), body: bytes('7b7d'), error: true },
      '24 00 7b7d',
    ],
    [
      'request 1 to code 301',
      { kind: 'request', id: encodeMessageId(1), route: 301, body: bytes('80') },
      '01 01 012d 80',
    ],
    [
      'compressed request',
      { kind: 'request', id: encodeMessageId(1), route: 'a', body: bytes('00'), compressed: true },
      '10 01 01 61 00',
    ],
  ])('%s', (_, message, expected) => {
    expect(hex(encodeMessage(message))).toBe(expected.replaceAll(' ', ''))
    expect(hex(encodeMessage(decodeMessage(bytes(expected))))).toBe(expected.replaceAll(' ', ''))
  })
})

describe('against pinus-protocol', () => {
  test('writes the same bytes', () => {
    fc.assert(
      fc.property(pomeloMessage, (message) => {
        expect(hex(encodeMessage(message))).toBe(hex(byPinus(message)))
        expect(hex(encodeMessagePacket(message))).toBe(
          hex(encodePacket(packetType.data, encodeMessage(message))),
        )
      }),
    )
  })

  test('reads what it writes', () => {
    fc.assert(
      fc.property(pomeloMessage, (message) => {
        expect(normal(decodeMessage(Uint8Array.from(byPinus(message))))).toEqual(normal(message))
      }),
    )
  })

  test('it reads what we write', () => {
    fc.assert(
      fc.property(pomeloMessage, (message) => {
        const decoded = PinusMessage.decode(Buffer.from(encodeMessage(message)))
        expect(decoded.type).toBe(messageKind[message.kind])
        expect(decoded.id).toBe('id' in message ? decodeMessageId(message.id) : 0)
        expect(decoded.route).toBe(message.kind === 'response' ? null : message.route)
        expect(hex(decoded.body)).toBe(hex(message.body))
      }),
    )
  })
})

describe('round trips', () => {
  test('every message comes back, flags included', () => {
    fc.assert(
      fc.property(anyMessage, (message) => {
        expect(normal(decodeMessage(encodeMessage(message)))).toEqual(normal(message))
      }),
    )
  })

  test('a response carries the id bytes of its request, whichever way round the client wrote them', () => {
    // Most significant group first, and padded: neither is what encodeMessageId writes.
    for (const idBytes of ['81 01', '80 01', '80 80 00', 'ff ff ff ff 7f']) {
      const request = decodeMessage(bytes(`00 ${idBytes} 01 61 7b7d`))
      if (request.kind !== 'request') throw new Error('expected a request')
      const response = encodeMessage({ kind: 'response', id: request.id, body: bytes('7b7d') })
      expect(hex(response)).toBe(`04${idBytes.replaceAll(' ', '')}7b7d`)
    }
  })

  test('a route that starts with a byte order mark keeps it', () => {
    const message: Message = { kind: 'notify', route: '\uFEFFa', body: none }
    expect(decodeMessage(encodeMessage(message))).toMatchObject({ route: '\uFEFFa' })
  })
})

describe('hostile bytes', () => {
  test('random bytes give a message or PROTOCOL_ERROR, nothing else', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (input) => {
        expect(['message', 'PROTOCOL_ERROR']).toContain(outcome(input))
      }),
      { numRuns: 3_000 },
    )
  })

  test('so do real messages with some bytes changed', () => {
    fc.assert(
      fc.property(anyMessage, fc.nat(), fc.nat(255), (message, position, value) => {
        const input = encodeMessage(message)
        input[position % input.length] = value
        expect(['message', 'PROTOCOL_ERROR']).toContain(outcome(input))
      }),
      { numRuns: 2_000 },
    )
  })

  test('a header cut off anywhere is refused', () => {
    const headers = ['00 81 01 03 616263', '01 81 01 0001', '02 03 616263', '07 0001', '04 ff 01']
    for (const header of headers.map(bytes)) {
      expect(() => decodeMessage(header)).not.toThrow()
      for (let length = 0; length < header.length; length++) {
        expect(() => decodeMessage(header.subarray(0, length))).toThrow(/Malformed message/)
      }
    }
  })

  test.each([0x08, 0x0a, 0x0e, 0x40, 0x42, 0x80, 0xff])('flag %i is refused', (flag) => {
    expect(() => decodeMessage(Uint8Array.of(flag, 1, 1, 97))).toThrow('no known flag')
  })

  test('a route that is no UTF-8 is refused', () => {
    for (const route of ['ff', 'c3', 'c0 af', 'ed a0 80', 'f5 80 80 80']) {
      const length = bytes(route).length
      expect(() => decodeMessage(bytes(`02 0${length} ${route}`))).toThrow('no UTF-8')
    }
  })

  test('an id of six bytes is refused', () => {
    expect(() => decodeMessage(bytes('00 80 80 80 80 80 01 01 61'))).toThrow('longer than five bytes')
  })

  test('routes that do not fit the format cannot be written', () => {
    for (const route of ['', 'é'.repeat(128), -1, 65_536, 1.5]) {
      expect(() => encodeMessage({ kind: 'notify', route, body: none })).toThrow(
        expect.objectContaining({ code: 'PROTOCOL_ERROR' }),
      )
    }
    expect(encodeMessage({ kind: 'notify', route: 'a'.repeat(255), body: none })).toHaveLength(257)
  })
})

/** What became of the bytes; anything thrown that is not ours fails the test by being thrown on. */
function outcome(input: Uint8Array): string {
  try {
    decodeMessage(input)
    return 'message'
  } catch (error) {
    if (error instanceof HydraError) return error.code
    throw error
  }
}

/** Bytes as text and absent flags as `false`, so that views, buffers and defaults compare equal. */
function normal(message: Message) {
  return {
    kind: message.kind,
    id: 'id' in message ? hex(message.id) : undefined,
    route: 'route' in message ? message.route : undefined,
    error: message.kind === 'response' && message.error === true,
    compressed: message.compressed === true,
    body: hex(message.body),
  }
}
