import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { PacketReader } from './packet-reader.ts'
import { encodePacket, packetType, type Packet, type PacketType } from './packet.ts'

const hex = (value: Uint8Array) => Buffer.from(value).toString('hex')
const packets = fc.array(
  fc.record({
    type: fc.constantFrom<PacketType>(...Object.values(packetType)),
    body: fc.uint8Array({ maxLength: 50 }),
  }),
)

function read(reader: PacketReader, chunks: readonly Uint8Array[]): Packet[] {
  const received: Packet[] = []
  for (const chunk of chunks) reader.push(chunk, (packet) => received.push(packet))
  return received
}

describe('PacketReader', () => {
  test('gives the packets back however the stream was cut', () => {
    fc.assert(
      fc.property(packets, fc.array(fc.nat()), (sent, cuts) => {
        const stream = Buffer.concat(sent.map(({ type, body }) => encodePacket(type, body)))
        const edges = [0, ...cuts.map((cut) => cut % (stream.length + 1)), stream.length].sort(
          (a, b) => a - b,
        )
        const chunks = edges.slice(1).map((end, i) => Uint8Array.from(stream.subarray(edges[i], end)))
        const reader = new PacketReader({ maxBodyBytes: 50 })
        const received = read(reader, chunks)
        // The chunks are overwritten, as a socket's read buffer would be: packets must not live in them.
        for (const chunk of chunks) chunk.fill(0)
        expect(received.map(({ type, body }) => [type, hex(body)])).toEqual(
          sent.map(({ type, body }) => [type, hex(body)]),
        )
        expect(reader.pendingBytes).toBe(0)
      }),
    )
  })

  test('refuses a body over the limit as soon as it is announced, and keeps no more than that', () => {
    const reader = new PacketReader({ maxBodyBytes: 10 })
    expect(read(reader, [encodePacket(packetType.data, new Uint8Array(10)).subarray(0, 13)])).toEqual([])
    expect(reader.pendingBytes).toBe(13)
    const received: Packet[] = []
    const rest = Uint8Array.of(0, packetType.heartbeat, 0, 0, 0, packetType.data, 0, 0, 11)
    expect(() => reader.push(rest, (packet) => received.push(packet))).toThrow(
      expect.objectContaining({ code: 'PAYLOAD_TOO_LARGE' }),
    )
    expect(received.map(({ type }) => type)).toEqual([packetType.data, packetType.heartbeat])
  })

  test('refuses an unknown packet type', () => {
    const reader = new PacketReader({ maxBodyBytes: 10 })
    expect(() => read(reader, [new TextEncoder().encode('GET / HTTP/1.1')])).toThrow('71 is no packet type')
  })
})
