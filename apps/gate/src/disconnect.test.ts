import { HydraError, routes, type DisconnectReason } from '@hydra/protocol'
import { ManualClock } from '@hydra/runtime'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createGateWorld, type TestGate } from './test-support/gate-world.ts'
import type { RawClient } from './test-support/raw-client.ts'
import { runClock } from './test-support/run-clock.ts'
import { roleView } from './test-support/test-servers.ts'

const clock = new ManualClock()
let world: Awaited<ReturnType<typeof createGateWorld>>

beforeEach(async () => {
  world = await createGateWorld({ clock })
})
afterEach(() => world.end())

async function player(gate: TestGate, uid: string, rid?: string): Promise<RawClient> {
  const client = await world.client(gate).start()
  await client.ask('gate.session.login', { token: await world.account(uid) })
  if (rid !== undefined) await client.ask('game.role.enter', { rid })
  return client
}

const leaves = (game: Awaited<ReturnType<typeof world.startGame>>) =>
  game.calls.filter(({ route }) => route === 'game.role.leave').map(({ body }) => body)

/** Lets the clock run until something holds: retries wait for it. */
async function runUntil(holds: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await holds())) {
    await new Promise((resolve) => setImmediate(resolve))
    clock.advance(20)
  }
}

const record = (uid: string) => world.storage.stores.sessions.get(uid)
const isReleased = async (uid: string) => (await record(uid)) === undefined

describe('the end of a connection', () => {
  it.each<[string, DisconnectReason, boolean, (gate: TestGate, client: RawClient) => unknown]>([
    ['vanishes', 'CLIENT_CLOSED', true, (_gate, client) => client.socket.terminate()],
    ['closes', 'CLIENT_CLOSED', true, (_gate, client) => client.socket.close(1000)],
    ['goes silent', 'IDLE', true, () => clock.advance(90_000)],
    ['sends garbage', 'PROTOCOL_ERROR', true, (_gate, client) => client.send(Uint8Array.of(9))],
    ['outlives its gate', 'SHUTDOWN', true, (gate) => gate.stop()],
  ])('of a client that %s: the game server is told exactly once', async (_what, reason, grace, act) => {
    const gate = await world.startGate({ drain: { noticeMs: 0 } })
    const game = await world.startGame()
    const client = await player(gate, 'u1', 'r1')
    const { sessionId, epoch } = (await record('u1')) ?? {}
    void act(gate, client)
    await game.called(2)
    await client.closed
    expect(leaves(game)).toEqual([{ rid: 'r1', uid: 'u1', sessionId, sessionEpoch: epoch, reason, grace }])
    // The game server gives the record back at the end of the grace; the gate does not.
    expect(await record('u1')).toBeDefined()
    await gate.stop()
    expect(leaves(game)).toHaveLength(1)
    expect(gate.lines.filter(({ msg }) => msg === 'session closed')).toMatchObject([
      { reason, uid: 'u1', rid: 'r1' },
    ])
  })

  it('by a server: the client is told the reason and the sentence', async () => {
    const gate = await world.startGate()
    const game = await world.startGame()
    const client = await player(gate, 'u1', 'r1')
    const sessionId = (await record('u1'))?.sessionId ?? ''
    const kick = { sessionId, reason: 'BANNED' as const, message: 'Banned for a week.' }
    const to = { server: gate.id }
    expect(await game.peer.call(routes.gate.session.kick, kick, { to })).toEqual({ found: true })
    expect(await client.kick()).toEqual({ code: 'BANNED', reason: 'Banned for a week.' })
    expect(await client.closed).toEqual({ code: 1008, reason: 'BANNED' })
    await game.called(2)
    expect(leaves(game)).toMatchObject([{ reason: 'BANNED', grace: false }])
    expect(await game.peer.call(routes.gate.session.kick, kick, { to })).toEqual({ found: false })
    expect(await gate.metric('hydra_gate_kicks_total{reason="BANNED",service="gate"}')).toBe(1)
  })

  it('without a role gives the session record back', async () => {
    const gate = await world.startGate()
    const game = await world.startGame()
    const client = await player(gate, 'u1')
    client.close()
    await runUntil(() => isReleased('u1'))
    expect(leaves(game)).toEqual([])
  })

  it('gives the record back when no game server has the role', async () => {
    const gate = await world.startGate()
    await world.startGame({ 'game.role.leave': () => ({ state: 'absent' }) })
    const client = await player(gate, 'u1', 'r1')
    client.close()
    await runUntil(() => isReleased('u1'))
  })

  it('without a login tells nobody', async () => {
    const gate = await world.startGate()
    const game = await world.startGame()
    const client = await world.client(gate).start()
    client.close()
    await runUntil(() => gate.lines.some(({ msg }) => msg === 'session closed'))
    expect(game.calls).toEqual([])
  })
})

describe('telling the game server', () => {
  it('is repeated until it answers', async () => {
    const gate = await world.startGate()
    let failures = 0
    const game = await world.startGame({
      'game.role.leave': () => {
        if (failures++ < 4) throw new HydraError('STORAGE_UNAVAILABLE', 'The database cannot be reached.')
        return { state: 'grace' }
      },
    })
    const client = await player(gate, 'u1', 'r1')
    client.close()
    await runUntil(() => leaves(game).length === 5)
    await gate.stop()
    expect(leaves(game)).toHaveLength(5)
    expect(gate.lines.filter(({ msg }) => msg === 'release failed; trying again')).toHaveLength(1)
  })

  it('goes to another game server when the bound one has left the cluster', async () => {
    const gate = await world.startGate()
    const bound = await world.startGame({ 'game.role.leave': () => new Promise(() => {}) }, 'bound')
    const client = await player(gate, 'u1', 'r1')
    const other = await world.startGame({ 'game.role.leave': () => ({ state: 'absent' }) }, 'other')
    client.close()
    await bound.called(2)
    await bound.die()
    await runUntil(() => isReleased('u1'))
    expect(leaves(other)).toMatchObject([{ rid: 'r1', uid: 'u1' }])
  })

  it('waits for a game server to come when there is none', async () => {
    const gate = await world.startGate()
    const bound = await world.startGame({}, 'bound')
    const client = await player(gate, 'u1', 'r1')
    await bound.die()
    client.close()
    await runUntil(() => gate.lines.some(({ msg }) => msg === 'release failed; trying again'))
    const other = await world.startGame({ 'game.role.leave': () => ({ state: 'absent' }) }, 'other')
    await runUntil(() => isReleased('u1'))
    expect(leaves(other)).toHaveLength(1)
  })

  it('is tried once only for those beyond the bound', async () => {
    const gate = await world.startGate({ limits: { maxConnections: 1 } })
    const game = await world.startGame({
      'game.role.leave': () => {
        throw new HydraError('STORAGE_UNAVAILABLE', 'The database cannot be reached.')
      },
    })
    // Twice as many as connections may be on their way out; the third has to be quick.
    for (const uid of ['u1', 'u2', 'u3']) {
      const client = await player(gate, uid, `r-${uid}`)
      client.close()
      await runUntil(
        () => gate.lines.filter(({ msg }) => msg === 'session closed').length === Number(uid.at(1)),
      )
    }
    await runUntil(() => gate.lines.some(({ msg }) => msg.startsWith('release given up')))
    expect(leaves(game).filter((leave) => (leave as { uid: string }).uid === 'u3')).toHaveLength(1)
    expect(await gate.metric('hydra_gate_releasing{service="gate"}')).toBe(2)
  })

  it('is given up after a bounded time, which the log tells', async () => {
    const gate = await world.startGate({ release: { giveUpMs: 3_000 } })
    const game = await world.startGame({
      'game.role.leave': () => {
        throw new HydraError('STORAGE_UNAVAILABLE', 'The database cannot be reached.')
      },
    })
    const client = await player(gate, 'u1', 'r1')
    client.close()
    await runUntil(() => gate.lines.some(({ msg }) => msg.startsWith('release given up')))
    expect(leaves(game).length).toBeGreaterThan(3)
    expect(await gate.metric('hydra_gate_releasing{service="gate"}')).toBe(0)
    expect(await gate.metric('hydra_gate_releases_total{outcome="failed",service="gate"}')).toBe(1)
  })
})

describe('a connection that ends while something is under way', () => {
  it('enter: the role is left once it was entered', async () => {
    const gate = await world.startGate()
    let enter = () => {}
    const game = await world.startGame({
      'game.role.enter': async ({ updateSession }, { rid }) => {
        await new Promise<void>((resolve) => (enter = resolve))
        updateSession({ rid })
        return { role: roleView(rid) }
      },
    })
    const client = await player(gate, 'u1')
    client.post('game.role.enter', { rid: 'r1' })
    await game.called(1)
    client.close()
    await runUntil(() => gate.lines.some(({ msg }) => msg === 'session closed'))
    expect(leaves(game)).toEqual([])
    enter()
    await game.called(2)
    expect(leaves(game)).toMatchObject([{ rid: 'r1', reason: 'CLIENT_CLOSED', grace: true }])
  })

  it('enter that is refused: nothing is left', async () => {
    const gate = await world.startGate()
    const game = await world.startGame({
      'game.role.enter': () => {
        throw new HydraError('ROLE_NOT_FOUND', 'The account has no such role.')
      },
    })
    const client = await player(gate, 'u1')
    await client.ask('game.role.enter', { rid: 'r1' })
    client.close()
    await runUntil(() => isReleased('u1'))
    expect(leaves(game)).toEqual([])
  })

  it('enter that is never answered: the role is left in case it was entered', async () => {
    const gate = await world.startGate()
    const game = await world.startGame({ 'game.role.enter': () => new Promise(() => {}) })
    const client = await player(gate, 'u1')
    const id = client.post('game.role.enter', { rid: 'r1' })
    await game.called(1)
    const answered = client.answer(id)
    await runClock(clock, answered)
    expect((await answered).error?.code).toBe('TIMEOUT')
    client.close()
    await game.called(2)
    expect(leaves(game)).toMatchObject([{ rid: 'r1', uid: 'u1' }])
  })

  it('logout: the role is left once, without grace', async () => {
    const gate = await world.startGate()
    let save = () => {}
    const game = await world.startGame({
      'game.role.leave': async () => {
        await new Promise<void>((resolve) => (save = resolve))
        return { state: 'saved' }
      },
    })
    const client = await player(gate, 'u1', 'r1')
    client.post('gate.session.logout', {})
    await game.called(2)
    client.close()
    await runUntil(() => gate.lines.some(({ msg }) => msg === 'session closed'))
    save()
    await gate.stop()
    expect(leaves(game)).toMatchObject([{ reason: 'LOGGED_OUT', grace: false }])
  })

  it('login: the account is free again', async () => {
    const gate = await world.startGate()
    const { sessions } = world.storage.stores
    const bind = sessions.bind.bind(sessions)
    let isBinding = false
    let proceed = () => {}
    sessions.bind = async (session) => {
      isBinding = true
      await new Promise<void>((resolve) => (proceed = resolve))
      return bind(session)
    }
    const client = await world.client(gate).start()
    client.post('gate.session.login', { token: await world.account('u1') })
    await runUntil(() => isBinding)
    client.close()
    await runUntil(() => gate.lines.some(({ msg }) => msg === 'session closed'))
    proceed()
    await gate.stop()
    expect(await record('u1')).toBeUndefined()
  })

  it('requests: their answers go nowhere and harm nobody', async () => {
    const gate = await world.startGate()
    let answer = () => {}
    const game = await world.startGame({
      'game.role.ping': async () => {
        await new Promise<void>((resolve) => (answer = resolve))
        return { serverTimeMs: 1 }
      },
    })
    const client = await player(gate, 'u1', 'r1')
    client.post('game.role.ping', {})
    await game.called(2)
    client.close()
    await game.called(3)
    answer()
    const other = await player(gate, 'u2', 'r2')
    expect((await other.ask('game.role.get')).error).toBeUndefined()
    expect(gate.lines.filter(({ level }) => level === 'error')).toEqual([])
  })
})
