import { HydraError } from '@hydra/protocol'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createGateWorld, type TestGate } from './test-support/gate-world.ts'
import type { RawClient } from './test-support/raw-client.ts'

describe.each(['uws', 'ws', 'tcp'] as const)('draining over %s', (transport) => {
  let world: Awaited<ReturnType<typeof createGateWorld>>

  beforeEach(async () => {
    world = await createGateWorld()
  })
  afterEach(() => world.end())

  async function player(gate: TestGate, uid: string): Promise<RawClient> {
    const client = await world.client(gate).start()
    await client.ask('gate.session.login', { token: await world.account(uid) })
    await client.ask('game.role.enter', { rid: `r-${uid}` })
    return client
  }

  it('announces, refuses, answers what is under way, kicks, waits for each role, withdraws', async () => {
    const gate = await world.startGate({ gate: { transport }, drain: { noticeMs: 0 } })
    let answer = () => {}
    let confirm = () => {}
    const game = await world.startGame({
      'game.role.ping': async () => {
        await new Promise<void>((resolve) => (answer = resolve))
        return { serverTimeMs: 7 }
      },
      'game.role.leave': async () => {
        await new Promise<void>((resolve) => (confirm = resolve))
        return { state: 'grace' }
      },
    })
    const client = await player(gate, 'u1')
    const states: string[] = []
    gate.registry.watch(({ kind, server }) => {
      if (server.id === gate.id) states.push(kind === 'left' ? kind : server.state)
    })
    const underWay = client.post('game.role.ping', {})
    await game.called(2)

    let isStopped = false
    const stopped = gate.stop().then(() => (isStopped = true))
    expect(states).toEqual(['draining'])
    await expect(world.client(gate).open()).rejects.toThrow('did not take the connection')
    expect((await client.ask('game.role.get')).error?.code).toBe('SHUTTING_DOWN')
    client.sendPacket(3)
    await client.next('heartbeat')

    answer()
    expect((await client.answer(underWay)).body).toEqual({ serverTimeMs: 7 })
    expect(await client.kick()).toMatchObject({ code: 'SHUTDOWN' })
    expect(await client.closed).toEqual({ code: 1001, reason: 'SHUTDOWN' })
    await game.called(3)
    expect([isStopped, states]).toEqual([false, ['draining']])
    confirm()
    await stopped
    expect(states).toEqual(['draining', 'left'])
    expect(gate.registry.get(gate.id)).toBeUndefined()
    expect(gate.lines.find(({ msg }) => msg === 'drained')).toMatchObject({ sessions: 1 })
  })

  it('tells clients to connect elsewhere, and serves them until the notice is over', async () => {
    const gate = await world.startGate({ gate: { transport }, drain: { noticeMs: 300 } })
    await world.startGame()
    const [json, msgpack] = [
      await player(gate, 'u1'),
      await world.client(gate).start('msgpack', { dict: true }),
    ]
    const fresh = await world.client(gate).open()
    const stopped = gate.stop()
    const notice = { body: { closesInMs: 1_300 }, compressed: false }
    expect(await json.push()).toEqual({ route: 'gate.server.draining', ...notice })
    expect(await msgpack.push()).toEqual({ route: 151, ...notice })
    expect((await json.ask('game.role.get')).error).toBeUndefined()
    for (const client of [json, msgpack, fresh]) {
      expect(await client.kick()).toMatchObject({ code: 'SHUTDOWN' })
    }
    await stopped
    expect(await gate.metric('hydra_gate_pushes_total{route="gate.server.draining",service="gate"}')).toBe(2)
  })

  it('does not wait for the end of the notice when everybody has gone', async () => {
    const gate = await world.startGate({ gate: { transport }, drain: { noticeMs: 500, requestsMs: 0 } })
    await world.startGame()
    const client = await player(gate, 'u1')
    const stopped = gate.stop()
    await client.push()
    client.close()
    await stopped
    const closed = gate.lines.find(({ msg }) => msg === 'session closed')
    const drained = gate.lines.find(({ msg }) => msg === 'drained')
    expect([closed?.['reason'], drained?.['sessions']]).toEqual(['CLIENT_CLOSED', 0])
  })

  it('tells clients that have not logged in too', async () => {
    const gate = await world.startGate({ gate: { transport } })
    const clients = [await world.client(gate).open(), await world.client(gate).start()]
    await gate.stop()
    for (const client of clients) {
      expect(await client.kick()).toMatchObject({ code: 'SHUTDOWN' })
      expect(await client.closed).toEqual({ code: 1001, reason: 'SHUTDOWN' })
    }
  })

  it('empties a gate full of clients, each role left once', async () => {
    const gate = await world.startGate({ gate: { transport } })
    const game = await world.startGame()
    const uids = Array.from({ length: 40 }, (_, i) => `u${i}`)
    const clients = await Promise.all(uids.map((uid) => player(gate, uid)))
    await gate.stop()
    const reasons = await Promise.all(clients.map(async ({ closed }) => (await closed).reason))
    expect(new Set(reasons)).toEqual(new Set(['SHUTDOWN']))
    const left = game.calls.filter(({ route }) => route === 'game.role.leave')
    expect(left.map(({ body }) => (body as { uid: string }).uid).sort()).toEqual(uids.toSorted())
  })

  it('does not wait for ever, and says so', async () => {
    const gate = await world.startGate({
      gate: { transport },
      drain: { noticeMs: 0, requestsMs: 50, releasesMs: 100 },
    })
    const game = await world.startGame({
      'game.role.ping': () => new Promise(() => {}),
      'game.role.leave': () => {
        throw new HydraError('STORAGE_UNAVAILABLE', 'The database cannot be reached.')
      },
    })
    const client = await player(gate, 'u1')
    client.post('game.role.ping', {})
    await game.called(2)
    await gate.stop()
    expect(await client.kick()).toMatchObject({ code: 'SHUTDOWN' })
    expect(
      gate.lines.find(({ level, msg }) => level === 'error' && msg.startsWith('drained, but')),
    ).toMatchObject({ releasing: 1 })
  })

  it('can be asked for twice, and before the start', async () => {
    const gate = await world.startGate({ gate: { transport } })
    await Promise.all([gate.app.stop(), gate.app.stop()])
    await gate.app.stop()
    expect(gate.lines.filter(({ msg }) => msg === 'drained')).toHaveLength(1)
  })
})
