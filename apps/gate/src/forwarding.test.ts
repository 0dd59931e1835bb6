import { deflateSync } from 'node:zlib'
import { bodyCodec, encodeMessageId, HydraError, routes } from '@hydra/protocol'
import type { ServiceHandlers } from '@hydra/rpc'
import * as fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createGateWorld, type Sections, type TestGate } from './test-support/gate-world.ts'
import type { RawClient } from './test-support/raw-client.ts'
import { roleView } from './test-support/test-servers.ts'

let world: Awaited<ReturnType<typeof createGateWorld>>

beforeEach(async () => {
  world = await createGateWorld()
})
afterEach(() => world.end())

/** A client that has logged in and, if a role is given, entered. */
async function player(gate: TestGate, uid: string, rid?: string): Promise<RawClient> {
  const token = await world.account(uid)
  const client = await world.client(gate).start()
  await client.ask('gate.session.login', { token })
  if (rid !== undefined) await client.ask('game.role.enter', { rid })
  return client
}

async function playing(change: Partial<ServiceHandlers<'game'>> = {}, sections: Sections = {}) {
  const gate = await world.startGate(sections)
  const game = await world.startGame(change)
  return { gate, game, client: await player(gate, 'u1', 'r1') }
}

const empty = new Uint8Array(0)

describe('a request', () => {
  it('gets its id back byte by byte, however it is written', async () => {
    const { client } = await playing()
    const continued = fc.array(fc.integer({ min: 0x80, max: 0xff }), { maxLength: 4 })
    const id = fc
      .tuple(continued, fc.integer({ min: 0, max: 0x7f }))
      .map(([head, last]) => Uint8Array.from([...head, last]))
    await fc.assert(
      fc.asyncProperty(id, async (id) => {
        const body = { clientTimeMs: 1 }
        const answered = client.answer(client.post('game.role.ping', body, id))
        expect((await answered).body).toEqual({ serverTimeMs: 1, clientTimeMs: 1 })
      }),
      { numRuns: 60 },
    )
  })

  it('reaches its handler by name and by code, with who sent it in the envelope', async () => {
    const { client, game, gate } = await playing()
    for (const route of [routes.game.role.get.name, routes.game.role.get.code]) {
      expect((await client.ask(route)).body).toEqual({ role: roleView('r1') })
    }
    expect(game.calls.at(-1)?.session).toEqual({
      sessionId: expect.any(String) as string,
      gateId: gate.id,
      serializer: 'json',
      uid: 'u1',
      epoch: expect.any(Number) as number,
      rid: 'r1',
    })
  })

  it('may have no body at all: it counts as an empty object', async () => {
    const { client, game } = await playing()
    const id = encodeMessageId(77)
    client.sendMessage({ kind: 'request', id, route: 'game.role.list', body: empty })
    expect((await client.answer(id)).body).toEqual({ roles: [] })
    expect(game.calls.at(-1)?.body).toEqual({})
  })

  it('may be compressed', async () => {
    const { client } = await playing()
    const id = encodeMessageId(78)
    const body = deflateSync(bodyCodec('json').encode({ name: 'Countess' }))
    client.sendMessage({ kind: 'request', id, route: 'game.role.rename', body, compressed: true })
    expect((await client.answer(id)).body).toEqual({ role: { ...roleView('r1'), name: 'Countess' } })
  })

  it('that fails is answered under the error flag, in the serializer of the client', async () => {
    const { gate } = await playing()
    for (const serializer of ['json', 'msgpack'] as const) {
      const client = await world.client(gate).start(serializer)
      await client.ask('gate.session.login', { token: await world.token('u1') })
      const { error } = await client.ask('game.role.create', { name: 'Ada' })
      expect(error).toEqual({
        code: 'NAME_TAKEN',
        msg: 'There is a role of this name.',
        metadata: { name: 'Ada' },
      })
    }
  })

  it('of a wrong form is answered with path and expectation by the server that owns the route', async () => {
    const { client } = await playing()
    const { error } = await client.ask('game.role.rename', { name: 'x' })
    expect(error).toMatchObject({ code: 'BAD_REQUEST', metadata: { path: 'name' } })
  })

  it('reaches the server in the order in which it was sent', async () => {
    const { client, game } = await playing()
    const ids = Array.from({ length: 40 }, (_, clientTimeMs) =>
      client.post('game.role.ping', { clientTimeMs }),
    )
    await Promise.all(ids.map((id) => client.answer(id)))
    const times = game.calls.slice(1).map(({ body }) => (body as { clientTimeMs: number }).clientTimeMs)
    expect(times).toEqual(Array.from({ length: 40 }, (_, i) => i))
  })

  it('is counted by route and outcome', async () => {
    const { client, gate } = await playing()
    await client.ask('game.role.get')
    await client.ask('game.role.create', { name: 'Ada' })
    await client.ask('no.such.route')
    const count = (route: string, code: string) =>
      gate.metric(`hydra_gate_requests_total{route="${route}",code="${code}",service="gate"}`)
    expect(await count('game.role.get', 'OK')).toBe(1)
    expect(await count('game.role.create', 'NAME_TAKEN')).toBe(1)
    expect(await count('unknown', 'ROUTE_UNKNOWN')).toBe(1)
  })
})

describe('what a service notes on the session', () => {
  it('counts for whatever is sent behind the request that made it note it', async () => {
    const { gate } = await playing()
    const client = await player(gate, 'u2')
    const entered = client.post('game.role.enter', { rid: 'r2' })
    const got = client.post('game.role.get', {})
    expect((await client.answer(entered)).error).toBeUndefined()
    expect((await client.answer(got)).body).toEqual({ role: roleView('r2') })
  })

  it('can be taken back', async () => {
    const { client } = await playing({
      'game.role.rename': ({ session, updateSession }) => {
        updateSession({ rid: null })
        return { role: roleView(session.rid) }
      },
    })
    await client.ask('game.role.rename', { name: 'Nobody' })
    expect((await client.ask('game.role.get')).error?.code).toBe('ROLE_NOT_ENTERED')
  })
})

describe('a server that is slow, gone or the wrong one', () => {
  it('costs only its own requests', async () => {
    const { gate, client } = await playing(
      { 'game.role.rename': () => new Promise(() => {}) },
      { gate: { requestTimeoutMs: 150, heartbeatSeconds: 1 } },
    )
    const chat = await world.startChat()
    const bystander = await player(gate, 'u2', 'r2')
    const stuck = client.post('game.role.rename', { name: 'Slow' })
    expect((await client.ask('game.role.get')).error).toBeUndefined()
    expect((await client.ask('chat.channel.history', { channel: 'world' })).error).toBeUndefined()
    expect((await bystander.ask('game.role.get')).error).toBeUndefined()
    client.sendPacket(3)
    await client.next('heartbeat')
    expect((await client.answer(stuck)).error?.code).toBe('TIMEOUT')
    expect(chat.calls).toHaveLength(1)
  })

  it('fails what waits for it as soon as it leaves, and the next request finds another', async () => {
    const gate = await world.startGate()
    const servers = [
      await world.startGame({ 'game.role.rename': () => new Promise(() => {}) }),
      await world.startGame({ 'game.role.rename': () => new Promise(() => {}) }),
    ]
    const client = await player(gate, 'u1', 'r1')
    const [bound, other] = servers[0]?.calls.length === 1 ? servers : [...servers].reverse()
    for (let i = 0; i < 5; i++) await client.ask('game.role.get')
    expect(bound?.calls).toHaveLength(6)
    const waiting = client.post('game.role.rename', { name: 'Lost' })
    await bound?.called(7)
    await bound?.die()
    expect((await client.answer(waiting)).error?.code).toBe('SERVER_GONE')
    expect((await client.ask('game.role.get')).body).toEqual({ role: roleView('r1') })
    expect(other?.calls).toMatchObject([{ route: 'game.role.get', session: { uid: 'u1', rid: 'r1' } }])
  })

  it('is answered with NO_SERVER when there is none', async () => {
    const gate = await world.startGate()
    const client = await player(gate, 'u1')
    expect((await client.ask('game.role.list')).error).toMatchObject({
      code: 'NO_SERVER',
      metadata: { type: 'game' },
    })
  })

  it('is followed to the owner of the role, and the session stays there', async () => {
    const gate = await world.startGate()
    const owner = await world.startGame({}, 'owner')
    const client = await player(gate, 'u1')
    await owner.announcement.update({ state: 'draining' })
    const wrong = await world.startGame({
      'game.role.enter': () => {
        throw new HydraError('ROLE_ELSEWHERE', 'The role is elsewhere.', { metadata: { server: 'owner' } })
      },
    })
    expect((await client.ask('game.role.enter', { rid: 'r1' })).body).toEqual({ role: roleView('r1') })
    await client.ask('game.role.get')
    expect(wrong.calls.map(({ route }) => route)).toEqual(['game.role.enter'])
    expect(owner.calls.map(({ route }) => route)).toEqual(['game.role.enter', 'game.role.get'])
  })

  it('is followed once, and only to a game server that exists', async () => {
    let elsewhere = 'b'
    const refuse: Partial<ServiceHandlers<'game'>> = {
      'game.role.enter': () => {
        throw new HydraError('ROLE_ELSEWHERE', 'The role is elsewhere.', { metadata: { server: elsewhere } })
      },
    }
    const gate = await world.startGate()
    const [a, b] = [await world.startGame(refuse, 'a'), await world.startGame(refuse, 'b')]
    await world.startChat(undefined, 'chat-server')
    const client = await player(gate, 'u1')
    const enter = async () => {
      const before = a.calls.length + b.calls.length
      const { error } = await client.ask('game.role.enter', { rid: 'r1' })
      return [error?.code, a.calls.length + b.calls.length - before]
    }
    await enter()
    // Bound to b now, whichever was first.
    elsewhere = 'a'
    expect(await enter()).toEqual(['ROLE_ELSEWHERE', 2])
    for (const nowhere of ['a', 'no-such-server', 'chat-server', gate.id]) {
      elsewhere = nowhere
      expect(await enter()).toEqual(['ROLE_ELSEWHERE', 1])
    }
  })

  it('is left for another when it takes no new work', async () => {
    const gate = await world.startGate()
    let isDraining = false
    const handlers: Partial<ServiceHandlers<'game'>> = {
      'game.role.get': ({ session }) => {
        if (isDraining) throw new HydraError('SHUTTING_DOWN', 'This server takes no new work.')
        return { role: roleView(session.rid) }
      },
    }
    const former = await world.startGame(handlers, 'former')
    const client = await player(gate, 'u1', 'r1')
    const next = await world.startGame({}, 'next')
    await former.announcement.update({ state: 'draining' })
    // A role that was entered stays where it is until its server says no.
    expect((await client.ask('game.role.get')).error).toBeUndefined()
    expect(next.calls).toHaveLength(0)
    isDraining = true
    expect((await client.ask('game.role.get')).body).toEqual({ role: roleView('r1') })
    expect(next.calls).toHaveLength(1)
  })

  it('does not change the order of requests when it is followed', async () => {
    const gate = await world.startGate()
    const former = await world.startGame({}, 'former')
    const client = await player(gate, 'u1', 'r1')
    const pingTimes = (calls: typeof former.calls) =>
      calls.filter(({ route }) => route === 'game.role.ping').map(({ body }) => body)
    const owner = await world.startGame({}, 'owner')

    // The former server sends everything elsewhere, at times of its own choosing.
    const answers: (() => void)[] = []
    former.replace('game.role.ping', () => {
      const error = new HydraError('ROLE_ELSEWHERE', 'Elsewhere.', { metadata: { server: 'owner' } })
      return new Promise((_, reject) => answers.push(() => reject(error)))
    })
    const post = (clientTimeMs: number) => client.post('game.role.ping', { clientTimeMs })
    const ids = [post(0), post(1)]
    await former.called(3)
    answers[0]?.()
    await owner.called(1)
    // Sent after the first was sent elsewhere, and before the second was.
    ids.push(post(2), post(3))
    client.sendPacket(3)
    await client.next('heartbeat')
    answers[1]?.()
    const answered = await Promise.all(ids.map((id) => client.answer(id)))
    expect(answered.map(({ error }) => error)).toEqual([undefined, undefined, undefined, undefined])
    expect(pingTimes(owner.calls)).toEqual([0, 1, 2, 3].map((clientTimeMs) => ({ clientTimeMs })))
    expect(pingTimes(former.calls)).toHaveLength(2)
  })
})

describe('limits of one session', () => {
  it('bound what is unanswered', async () => {
    const { client } = await playing(
      { 'game.role.ping': () => new Promise(() => {}) },
      { limits: { pendingPerSession: 3 }, gate: { requestTimeoutMs: 200 } },
    )
    const ids = Array.from({ length: 5 }, () => client.post('game.role.ping', {}))
    const codes = await Promise.all(ids.map(async (id) => (await client.answer(id)).error?.code))
    expect(codes).toEqual(['TIMEOUT', 'TIMEOUT', 'TIMEOUT', 'SERVER_BUSY', 'SERVER_BUSY'])
  })

  it('bound what is held back behind a request that changes the session', async () => {
    const { gate, game } = await playing({}, { limits: { pendingPerSession: 3 } })
    const client = await player(gate, 'u2')
    let enter = () => {}
    game.replace('game.role.enter', async ({ updateSession }, { rid }) => {
      await new Promise<void>((resolve) => (enter = resolve))
      updateSession({ rid })
      return { role: roleView(rid) }
    })
    const ids = [client.post('game.role.enter', { rid: 'r1' })]
    for (let i = 0; i < 4; i++) ids.push(client.post('game.role.get', {}))
    for (const id of ids.slice(3)) expect((await client.answer(id)).error?.code).toBe('SERVER_BUSY')
    await game.called(2)
    enter()
    for (const id of ids.slice(0, 3)) expect((await client.answer(id)).error).toBeUndefined()
  })

  it('refuse who is too fast, and close who goes on; heartbeats are not counted', async () => {
    const { gate, client } = await playing(
      {},
      {
        limits: { ratePerSecond: 1, rateBurst: 10, rateRefusalsMax: 5 },
      },
    )
    for (let i = 0; i < 15; i++) client.sendPacket(3)
    // Two messages were spent on login and enter.
    const ids = Array.from({ length: 13 }, () => client.post('game.role.get', {}))
    const codes = await Promise.all(ids.map(async (id) => (await client.answer(id)).error?.code))
    expect(codes.filter((code) => code === undefined).length).toBeGreaterThanOrEqual(8)
    expect(codes.filter((code) => code === 'RATE_LIMITED').length).toBeGreaterThanOrEqual(4)
    for (let i = 0; i < 10; i++) client.post('game.role.get', {})
    expect(await client.kick()).toMatchObject({ code: 'RATE_LIMITED' })
    expect(await client.closed).toEqual({ code: 1008, reason: 'RATE_LIMITED' })
    expect(await gate.metric('hydra_gate_closes_total{reason="RATE_LIMITED",service="gate"}')).toBe(1)
  })
})
