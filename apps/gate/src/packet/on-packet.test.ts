import {
  encodeMessage,
  encodePacket,
  packetType,
  type DisconnectReason,
  type Message,
  type PacketType,
} from '@hydra/protocol'
import { createMetrics, ManualClock, silentLogger } from '@hydra/runtime'
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createGateMetrics } from '../gate-metrics.ts'
import { Session } from '../session/session.ts'
import { RecordingConnection } from '../test-support/recording-connection.ts'
import { createHandshake } from './handshake.ts'
import { createPacketHandler, type ClientMessage } from './on-packet.ts'

const maxPacketBytes = 512

function setUp() {
  const clock = new ManualClock()
  const connection = new RecordingConnection()
  const session = new Session({ connection, sessionId: 's1', nowMs: 0, rateBurst: 1 })
  const messages: ClientMessage[] = []
  const closes: { reason: DisconnectReason; detail: string | undefined }[] = []
  const onBytes = createPacketHandler({
    handshake: createHandshake({ heartbeatSeconds: 30 }),
    onMessage: (_session, message) => void messages.push(message),
    close: (closing, reason, detail) => {
      closes.push({ reason, detail })
      closing.phase = 'closed'
    },
    clock,
    log: silentLogger,
    metrics: createGateMetrics(createMetrics({ service: 'gate' }), {
      connections: () => [],
      backpressure: () => ({ connections: 0, bytes: 0 }),
      releasing: () => 0,
      parked: () => 0,
      replayBytes: () => 0,
    }),
    maxPacketBytes,
    controlRate: { ratePerSecond: 2, rateBurst: 20, rateRefusalsMax: 0 },
  })
  const take = (bytes: Uint8Array, isBinary = true) => onBytes(session, bytes, isBinary)
  const packet = (type: PacketType, body?: Uint8Array | string) =>
    take(encodePacket(type, typeof body === 'string' ? new TextEncoder().encode(body) : body))
  const data = (message: Message) => packet(packetType.data, encodeMessage(message))
  const work = () => {
    packet(packetType.handshake, '{"sys":{}}')
    packet(packetType.handshakeAck)
    connection.sent.length = 0
  }
  return { clock, connection, session, messages, closes, take, packet, data, work }
}

const noBytes = new Uint8Array(0)
const request: Message = { kind: 'request', id: Uint8Array.of(1), route: 'a.b.c', body: noBytes }

describe('packets', () => {
  it('lead from the handshake over its acknowledgement to work', () => {
    const { session, connection, packet, data, messages, closes } = setUp()
    packet(packetType.handshake, '{"sys":{"serializer":"msgpack","dict":true}}')
    expect([session.phase, session.serializer, session.coded]).toEqual(['awaiting-ack', 'msgpack', true])
    packet(packetType.handshakeAck)
    expect(session.phase).toBe('working')
    expect([...(connection.sent.at(-1) ?? [])]).toEqual([3, 0, 0, 0])
    data(request)
    expect(messages).toHaveLength(1)
    expect(closes).toEqual([])
  })

  it('answers each heartbeat while working, and none before', () => {
    const { connection, packet, closes } = setUp()
    packet(packetType.handshake, '{"sys":{}}')
    packet(packetType.heartbeat)
    expect(connection.sent).toHaveLength(1)
    packet(packetType.handshakeAck)
    connection.sent.length = 0
    packet(packetType.heartbeat)
    packet(packetType.heartbeat)
    expect(connection.sent).toEqual([Uint8Array.of(3, 0, 0, 0), Uint8Array.of(3, 0, 0, 0)])
    expect(closes).toEqual([])
  })

  it('ends the session on a flood of heartbeats, and takes them at a normal pace for ever', () => {
    const { clock, session, packet, closes, work } = setUp()
    work()
    for (let i = 0; i < 200; i++) {
      clock.advance(500)
      packet(packetType.heartbeat)
    }
    expect(closes).toEqual([])
    for (let i = 0; i < 30; i++) packet(packetType.heartbeat)
    expect([session.phase, closes.map(({ reason }) => reason)]).toEqual(['closed', ['RATE_LIMITED']])
  })

  it('notes when each packet came', () => {
    const { clock, session, packet, data, work } = setUp()
    work()
    for (const send of [() => packet(packetType.heartbeat), () => data(request)]) {
      clock.advance(1_000)
      send()
      expect(session.lastPacketMs).toBe(clock.monotonicMs())
    }
  })

  it('tolerates a second acknowledgement', () => {
    const { session, packet, work, closes } = setUp()
    work()
    packet(packetType.handshakeAck)
    expect([session.phase, closes]).toEqual(['working', []])
  })

  it.each<[string, (at: ReturnType<typeof setUp>) => void, DisconnectReason, string]>([
    [
      'garbage first',
      ({ take }) => take(Uint8Array.of(9, 9, 9, 9, 9)),
      'PROTOCOL_ERROR',
      '9 is no packet type',
    ],
    ['nothing at all', ({ take }) => take(noBytes), 'PROTOCOL_ERROR', '0 bytes hold no packet header'],
    ['a cut-off packet', ({ take }) => take(Uint8Array.of(1, 0, 0, 9, 1)), 'PROTOCOL_ERROR', 'announces 9'],
    ['text', ({ take }) => take(Uint8Array.of(1, 0, 0, 0), false), 'PROTOCOL_ERROR', 'not in text'],
    [
      'data before the handshake',
      ({ data }) => data(request),
      'PROTOCOL_ERROR',
      'Data while awaiting-handshake',
    ],
    ['an early acknowledgement', ({ packet }) => packet(2), 'PROTOCOL_ERROR', 'while awaiting-handshake'],
    [
      'an early heartbeat',
      ({ packet }) => packet(3),
      'PROTOCOL_ERROR',
      'A heartbeat while awaiting-handshake',
    ],
    ['a kick', ({ packet }) => packet(5), 'PROTOCOL_ERROR', 'A kick from a client'],
    ['a refused handshake', ({ packet }) => packet(1, '{'), 'HANDSHAKE_REFUSED', 'no JSON'],
    [
      'data before the acknowledgement',
      ({ packet, data }) => (packet(1, '{"sys":{}}'), data(request)),
      'PROTOCOL_ERROR',
      'Data while awaiting-ack',
    ],
    [
      'a second handshake',
      ({ work, packet }) => (work(), packet(1, '{}')),
      'PROTOCOL_ERROR',
      'while working',
    ],
    [
      'a response',
      ({ work, data }) => (work(), data({ kind: 'response', id: Uint8Array.of(1), body: noBytes })),
      'PROTOCOL_ERROR',
      '"response"',
    ],
    [
      'a push',
      ({ work, data }) => (work(), data({ kind: 'push', route: 'a', body: noBytes })),
      'PROTOCOL_ERROR',
      '"push"',
    ],
    [
      'a coded request without its code',
      ({ work, packet }) => (work(), packet(4, Uint8Array.of(0x00, 0x01))),
      'PROTOCOL_ERROR',
      'it ends inside its route',
    ],
    [
      'a packet above the limit',
      ({ take }) => take(new Uint8Array(4 + maxPacketBytes + 1)),
      'PACKET_TOO_LARGE',
      '513 bytes; 512 are allowed',
    ],
  ])('end the session on %s', (_what, act, reason, detail) => {
    const at = setUp()
    act(at)
    expect(at.closes).toEqual([{ reason, detail: expect.stringContaining(detail) as string }])
    expect(at.messages).toEqual([])
    at.take(Uint8Array.of(3, 0, 0, 0))
    expect(at.closes).toHaveLength(1)
  })

  it('take a packet of exactly the limit', () => {
    const { packet, closes } = setUp()
    packet(packetType.handshake, `{"sys":{}}${' '.repeat(maxPacketBytes - 10)}`)
    expect(closes).toEqual([])
  })

  it('survive anything, in any phase: at most one end, and never an exception', () => {
    const anything = fc.oneof(
      fc.uint8Array({ maxLength: 40 }),
      fc.tuple(fc.integer({ min: 0, max: 6 }), fc.uint8Array({ maxLength: 24 })).map(([type, body]) => {
        const bytes = new Uint8Array(4 + body.length)
        bytes[0] = type
        bytes[3] = body.length
        bytes.set(body, 4)
        return bytes
      }),
    )
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 2 }), fc.array(anything, { maxLength: 5 }), (phase, packets) => {
        const { session, closes, take, packet } = setUp()
        if (phase > 0) packet(packetType.handshake, '{"sys":{}}')
        if (phase > 1) packet(packetType.handshakeAck)
        for (const bytes of packets) take(bytes)
        expect(closes.length).toBe(session.phase === 'closed' ? 1 : 0)
      }),
      { numRuns: 2_000 },
    )
  })
})
