import { deflateSync } from 'node:zlib'
import type { Socket } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { packetType, routes, type DisconnectReason } from '@hydra/protocol'
import { afterEach, describe, expect, it } from 'vitest'
import { createGateWorld, type Sections, type TestGate } from './test-support/gate-world.ts'
import type { RawClient } from './test-support/raw-client.ts'
import { TcpSocket } from './test-support/tcp-socket.ts'

/** Something that many clients do at once, and why they are to be ended for it. */
interface Attack {
  readonly name: string
  readonly limits?: Sections
  readonly clients: number
  readonly act: (client: RawClient) => Promise<void> | void
  readonly reasons: readonly DisconnectReason[]
}

const bomb = deflateSync(new Uint8Array(16 * 1024 * 1024))

/** Begins a packet that never ends: the first bytes of a stream's packet, or of a WebSocket's frame. */
function beginPacket({ socket }: RawClient): void {
  if (socket instanceof TcpSocket) return socket.send(Uint8Array.of(packetType.handshake, 0, 0, 200, 0x7b))
  // The library has no way to send half a frame.
  const raw = (socket as unknown as { _socket: Socket })._socket
  raw.write(Uint8Array.of(0x82, 0x80 | 100, 0, 0, 0, 0, packetType.handshake))
}

const attacks: readonly Attack[] = [
  {
    name: 'connect flood',
    limits: { limits: { maxConnectionsPerIp: 20 } },
    clients: 200,
    act: () => {},
    reasons: ['SERVER_FULL'],
  },
  {
    name: 'slow loris',
    limits: { gate: { handshakeTimeoutMs: 300 } },
    clients: 50,
    act: beginPacket,
    reasons: ['HANDSHAKE_TIMEOUT'],
  },
  {
    name: 'login storm',
    clients: 50,
    act: async (client) => {
      await client.start()
      for (let i = 0; i < 400; i++) client.post('gate.session.login', { token: `made up ${i}` })
    },
    reasons: ['AUTH_FAILED', 'RATE_LIMITED'],
  },
  {
    name: 'zip bomb',
    clients: 50,
    act: async (client) => {
      await client.start()
      // Of a route that needs no login: all others are refused before they are inflated.
      const { code } = routes.gate.session.login
      client.sendMessage({ kind: 'request', id: Uint8Array.of(1), route: code, body: bomb, compressed: true })
    },
    reasons: ['PACKET_TOO_LARGE'],
  },
  {
    name: 'half-open',
    limits: { gate: { heartbeatSeconds: 1 } },
    clients: 50,
    act: async (client) => {
      await client.start()
      // As when its power fails: what is sent to it is acknowledged by nobody who would answer.
      client.socket.pause()
    },
    reasons: ['IDLE'],
  },
  {
    name: 'heartbeat flood',
    clients: 50,
    act: async (client) => {
      await client.start()
      for (let i = 0; i < 200; i++) client.sendPacket(packetType.heartbeat)
    },
    reasons: ['RATE_LIMITED'],
  },
  {
    name: 'request flood',
    clients: 20,
    act: async (client) => {
      await client.start()
      for (let i = 0; i < 1_000; i++) client.post('game.role.ping', {})
    },
    reasons: ['RATE_LIMITED'],
  },
]

describe.each(['uws', 'ws', 'tcp'] as const)('under siege over %s', (transport) => {
  let world: Awaited<ReturnType<typeof createGateWorld>>
  afterEach(() => world.end())

  async function player(gate: TestGate): Promise<RawClient> {
    const client = await world.client(gate).start()
    await client.ask('gate.session.login', { token: await world.account('good') })
    await client.ask('game.role.enter', { rid: 'r1' })
    return client
  }

  it.each(attacks)('$name: the attackers are ended, a player beside them is served', async (attack) => {
    const { limits = {}, clients, act, reasons } = attack
    world = await createGateWorld()
    const gate = await world.startGate({ ...limits, gate: { transport, ...limits['gate'] } })
    await world.startGame()
    const good = await player(gate)

    const attackers = Array.from({ length: clients }, () => world.client(gate))
    const ended = Promise.all(attackers.map(({ closed }) => closed))
    const refusedMax = attack.name === 'connect flood' ? clients - 19 : clients
    await Promise.all(
      attackers.map(async (client) => {
        await client.open().catch(() => {})
        await act(client)
      }),
    )
    const closed = () => gate.lines.filter(({ reason }) => reasons.some((expected) => expected === reason))
    while (closed().length < refusedMax) {
      expect((await good.ask('game.role.ping', { clientTimeMs: 1 })).error).toBeUndefined()
      // As often as a person plays, below the rate limit.
      await sleep(25)
    }
    expect(closed()).toHaveLength(refusedMax)
    for (const client of attackers) client.close()
    await ended
    expect((await good.ask('game.role.get')).error).toBeUndefined()
    expect(gate.lines.filter(({ level }) => level === 'error')).toEqual([])
  })
})
