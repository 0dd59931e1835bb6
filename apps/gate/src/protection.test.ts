import { pushes, routes } from '@hydra/protocol'
import { ManualClock } from '@hydra/runtime'
import { afterEach, describe, expect, it } from 'vitest'
import { createGateWorld, type TestGate } from './test-support/gate-world.ts'
import type { RawClient } from './test-support/raw-client.ts'

const { message } = pushes.chat.channel
const from = { rid: 'r1', name: 'Ada' }

describe.each(['uws', 'ws', 'tcp'] as const)('protection over %s', (transport) => {
  let world: Awaited<ReturnType<typeof createGateWorld>>
  afterEach(() => world.end())

  async function player(gate: TestGate, uid: string): Promise<RawClient> {
    const client = await world.client(gate).start()
    await client.ask('gate.session.login', { token: await world.account(uid) })
    await client.ask('game.role.enter', { rid: `r-${uid}` })
    return client
  }

  it('closes a client that does not read, and delays nobody else', async () => {
    world = await createGateWorld()
    const gate = await world.startGate({ gate: { transport }, limits: { maxBackpressureBytes: 64 * 1024 } })
    const game = await world.startGame()
    const chat = await world.startChat()
    const [slow, quick] = [await player(gate, 'slow'), await player(gate, 'quick')]
    for (const uid of ['slow', 'quick']) {
      const sessionId = (await world.storage.stores.sessions.get(uid))?.sessionId ?? ''
      await chat.peer.call(
        routes.gate.topic.join,
        { sessionId, topics: ['chat-world'] },
        { to: { server: gate.id } },
      )
    }
    slow.socket.pause()
    const isClosed = () => gate.lines.some(({ reason }) => reason === 'SLOW_CONSUMER')
    for (let seq = 1; !isClosed(); seq++) {
      const text = 'x'.repeat(60_000)
      chat.peer.publish('chat-world', message, { channel: 'world', seq, from, text, sentAtMs: 1 })
      expect((await quick.push()).body).toMatchObject({ seq })
    }
    await game.called(3)
    expect(game.calls.at(-1)).toMatchObject({
      route: 'game.role.leave',
      body: { uid: 'slow', reason: 'SLOW_CONSUMER', grace: true },
    })
    expect((await quick.ask('game.role.get')).error).toBeUndefined()
    expect(gate.lines.filter(({ msg }) => msg === 'session closed')).toHaveLength(1)
  })

  it('takes no more connections than it may, in all and from one address', async () => {
    world = await createGateWorld()
    for (const limits of [{ maxConnections: 2 }, { maxConnectionsPerIp: 2 }]) {
      const gate = await world.startGate({ gate: { transport }, limits })
      const [first] = [await world.client(gate).start(), await world.client(gate).start()]
      const third = world.client(gate)
      expect(await third.kick()).toMatchObject({ code: 'SERVER_FULL' })
      expect(await third.closed).toEqual({ code: 1013, reason: 'SERVER_FULL' })
      first.close()
      await first.closed
      while ((await gate.total('hydra_gate_connections')) === 2) {
        await new Promise((resolve) => setImmediate(resolve))
      }
      await world.client(gate).start()
      expect(await gate.metric('hydra_gate_closes_total{reason="SERVER_FULL",service="gate"}')).toBe(1)
    }
  })

  it('answers heartbeats and keeps clients however slow the backends are', async () => {
    const clock = new ManualClock()
    world = await createGateWorld({ clock })
    const gate = await world.startGate({
      gate: { transport, heartbeatSeconds: 10, requestTimeoutMs: 600_000 },
    })
    await world.startGame({ 'game.role.ping': () => new Promise(() => {}) })
    const client = await player(gate, 'u1')
    for (let i = 0; i < 50; i++) client.post('game.role.ping', {})
    for (let i = 0; i < 10; i++) {
      clock.advance(9_000)
      client.sendPacket(3)
      await client.next('heartbeat')
    }
    // From here on it is silent, whatever it waits for.
    clock.advance(30_000)
    expect(await client.kick()).toMatchObject({ code: 'IDLE' })
  })

  it('ends a handshake that does not come, or is not acknowledged', async () => {
    const clock = new ManualClock()
    world = await createGateWorld({ clock })
    const gate = await world.startGate({ gate: { transport, handshakeTimeoutMs: 2_000 } })
    const mute = await world.client(gate).open()
    const halfway = await world.client(gate).open()
    await halfway.shakeHands()
    while ((await gate.total('hydra_gate_connections')) < 2) {
      await new Promise((resolve) => setImmediate(resolve))
    }
    clock.advance(2_000)
    for (const client of [mute, halfway]) {
      expect(await client.kick()).toMatchObject({ code: 'HANDSHAKE_TIMEOUT' })
      expect((await client.closed).reason).toBe('HANDSHAKE_TIMEOUT')
    }
  })

  it('counts packets and bytes', async () => {
    const clock = new ManualClock()
    world = await createGateWorld({ clock })
    const gate = await world.startGate({ gate: { transport } })
    const client = await world.client(gate).start()
    client.sendPacket(3)
    await client.next('heartbeat')
    clock.advance(1_000)
    const count = (direction: string) =>
      gate.metric(`hydra_gate_packets_total{direction="${direction}",service="gate"}`)
    // Handshake, acknowledgement, heartbeat; answer, first heartbeat, heartbeat.
    expect([await count('in'), await count('out')]).toEqual([3, 3])
    expect(await gate.metric('hydra_gate_bytes_total{direction="out",service="gate"}')).toBeGreaterThan(50)
    expect(
      await gate.metric(
        `hydra_gate_handshakes_total{transport="${transport}",result="accepted",serializer="json",service="gate"}`,
      ),
    ).toBe(1)
    expect(
      await gate.metric(`hydra_gate_connections{transport="${transport}",serializer="json",service="gate"}`),
    ).toBe(1)
  })
})
