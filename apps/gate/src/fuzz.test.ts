import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { bodyCodec, HydraError, type DisconnectReason } from '@hydra/protocol'
import { createMetrics, silentLogger, systemClock } from '@hydra/runtime'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createGateMetrics } from './gate-metrics.ts'
import { createHandshake } from './packet/handshake.ts'
import { inflateBody } from './packet/inflate-body.ts'
import { createPacketHandler, type ClientMessage } from './packet/on-packet.ts'
import { judge } from './request/routing-table.ts'
import { Session } from './session/session.ts'
import { createGateWorld, type TestGate } from './test-support/gate-world.ts'
import { HostilePackets } from './test-support/hostile-packets.ts'
import { RecordingConnection } from './test-support/recording-connection.ts'

const packetsInMemory = 1_000_000
const packetsPerSession = 50
const connectionsOverSockets = 400
const packetsPerConnection = 5

/** Memory in use after everything that can go has gone. */
function usedBytes(): number {
  setFlagsFromString('--expose-gc')
  const collect = runInNewContext('gc') as () => void
  collect()
  return process.memoryUsage().heapUsed
}

/** Reads a message as far as a gate does before it serves it. Every refusal is an error of ours. */
function readMessage(session: Session, message: ClientMessage): void {
  try {
    judge(session, message)
    const { body, compressed } = message
    bodyCodec(session.serializer).decode(compressed === true ? inflateBody(body, 4_096) : body)
  } catch (thrown) {
    if (!(thrown instanceof HydraError) || thrown.code === 'INTERNAL') throw thrown
  }
}

describe('a million hostile packets', () => {
  it('in every phase: nothing is thrown, every end has a reason, memory does not grow', () => {
    const reasons = new Map<DisconnectReason, number>()
    let ended = 0
    const unexpected: unknown[] = []
    const onBytes = createPacketHandler({
      handshake: createHandshake({ heartbeatSeconds: 30 }),
      onMessage: readMessage,
      close: (session, reason) => {
        session.phase = 'closed'
        ended++
        reasons.set(reason, (reasons.get(reason) ?? 0) + 1)
      },
      clock: systemClock,
      // An INTERNAL error is logged as one; there must be none.
      log: { ...silentLogger, error: (fields) => void unexpected.push(fields) },
      metrics: createGateMetrics(createMetrics({ service: 'gate' }), {
        connections: () => [],
        backpressure: () => ({ connections: 0, bytes: 0 }),
        releasing: () => 0,
        parked: () => 0,
        replayBytes: () => 0,
      }),
      maxPacketBytes: 4_096,
      // As many as they like: these packets come faster than any client can send them.
      controlRate: { ratePerSecond: 1_000, rateBurst: 1_000_000, rateRefusalsMax: 0 },
    })
    const hostile = new HostilePackets(20_261_124)
    const phases = ['awaiting-handshake', 'awaiting-ack', 'working'] as const
    let sessions = 0
    const fresh = () => {
      const connection = new RecordingConnection()
      const session = new Session({ connection, sessionId: `s${sessions}`, nowMs: 0, rateBurst: 1 })
      session.phase = phases[sessions % 3] ?? 'working'
      session.serializer = sessions % 2 === 0 ? 'json' : 'msgpack'
      sessions++
      return session
    }
    let session = fresh()
    let usedBefore = 0
    for (let count = 0; count < packetsInMemory; count++) {
      if (session.phase === 'closed' || count % packetsPerSession === 0) session = fresh()
      onBytes(session, hostile.next(), true)
      if (count === packetsInMemory / 5) usedBefore = usedBytes()
    }
    expect(unexpected).toEqual([])
    expect([...reasons.keys()].sort()).toEqual(['HANDSHAKE_REFUSED', 'PROTOCOL_ERROR'])
    expect(ended).toBeGreaterThan(100_000)
    expect(usedBytes() - usedBefore).toBeLessThan(8 * 1024 * 1024)
  })
})

describe.each(['uws', 'ws', 'tcp'] as const)('hostile packets over %s', (transport) => {
  let world: Awaited<ReturnType<typeof createGateWorld>>
  let gate: TestGate

  beforeEach(async () => {
    world = await createGateWorld()
    gate = await world.startGate({ gate: { transport }, limits: { maxConnectionsPerIp: 10_000 } })
  })
  afterEach(() => world.end())

  it('end every connection with a reason, and disturb nobody', async () => {
    const bystander = await world.client(gate).start()
    const hostile = new HostilePackets(transport.length * 7_919)
    const attack = async (index: number) => {
      const client = world.client(gate)
      await (index % 2 === 0 ? client.open() : client.start())
      for (let sent = 0; sent < packetsPerConnection; sent++) client.send(hostile.next())
      // Whatever it has survived so far, this is the end: more than a packet that was cut short may still ask for.
      client.send(new Uint8Array(150_000).fill(0xde))
      await client.closed
    }
    for (let at = 0; at < connectionsOverSockets; at += 40) {
      await Promise.all(Array.from({ length: 40 }, (_, index) => attack(at + index)))
      expect((await bystander.ask('game.role.list')).error?.code).toBe('NOT_LOGGED_IN')
    }
    const closed = gate.lines.filter(({ msg }) => msg === 'session closed')
    expect(closed).toHaveLength(connectionsOverSockets)
    const reasons = new Set(closed.map(({ reason }) => reason))
    expect([...reasons].filter((reason) => !expectedReasons.has(String(reason)))).toEqual([])
    expect(await gate.total('hydra_gate_connections')).toBe(1)
    expect(gate.lines.filter(({ level }) => level === 'error')).toEqual([])
  })
})

const expectedReasons = new Set(['PROTOCOL_ERROR', 'HANDSHAKE_REFUSED', 'PACKET_TOO_LARGE', 'RATE_LIMITED'])
