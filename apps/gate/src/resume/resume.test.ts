import { connect } from '@hydra/client'
import { HydraError, pushes, routes, type ChatMessage } from '@hydra/protocol'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import * as fc from 'fast-check'
import { createGateWorld, type Sections, type TestGate } from '../test-support/gate-world.ts'
import { roleView } from '../test-support/test-servers.ts'
import type { RawClient } from '../test-support/raw-client.ts'

const message = (seq: number): ChatMessage => ({
  channel: 'world',
  seq,
  from: { rid: 'r1', name: 'Ada' },
  text: `message ${seq}`,
  sentAtMs: 1,
})
const topic = 'chat-world'

let world: Awaited<ReturnType<typeof createGateWorld>>
let chat: Awaited<ReturnType<typeof world.startChat>>
let game: Awaited<ReturnType<typeof world.startGame>>

beforeEach(async () => {
  world = await createGateWorld()
  chat = await world.startChat()
  game = await world.startGame()
})
afterEach(() => world.end())

const say = (seq: number, to = topic) => chat.peer.publish(to, pushes.chat.channel.message, message(seq))
const join = (gate: TestGate, sessionId: string, name = topic) =>
  chat.peer.call(routes.gate.topic.join, { sessionId, topics: [name] }, { to: { server: gate.id } })
const leave = (gate: TestGate, sessionId: string, name = topic) =>
  chat.peer.call(routes.gate.topic.leave, { sessionId, topics: [name] }, { to: { server: gate.id } })

interface LoginAnswer {
  readonly sessionId: string
  readonly resumed?: boolean
}

async function logIn(client: RawClient, body: object): Promise<LoginAnswer> {
  const answer = await client.ask('gate.session.login', body)
  expect(answer.error).toBeUndefined()
  return answer.body as LoginAnswer
}

/** A client that has entered, joined the topic and can come back. */
async function player(gate: TestGate, sys: Readonly<Record<string, unknown>> = { resume: true }) {
  const client = await world.client(gate).start('json', sys)
  const token = await world.account('u1')
  const { sessionId } = await logIn(client, { token })
  await client.ask('game.role.enter', { rid: 'r1' })
  await join(gate, sessionId)
  return { client, token, sessionId }
}

/** Cuts the connection; resolves when the gate has noticed. */
async function cut(gate: TestGate, client: RawClient): Promise<void> {
  const ended = () => gate.lines.filter(({ msg }) => msg === 'session closed').length
  const before = ended()
  client.socket.terminate()
  while (ended() === before) await new Promise((resolve) => setImmediate(resolve))
}

const seqs = async (client: RawClient, count: number): Promise<number[]> => {
  const all: number[] = []
  while (all.length < count) all.push(((await client.push()).body as ChatMessage).seq)
  return all
}
const enters = () => game.calls.filter(({ route }) => route === 'game.role.enter')

describe.each(['uws', 'ws', 'tcp'] as const)('a client that comes back over %s', (transport) => {
  const start = (sections: Sections = {}) => world.startGate({ ...sections, gate: { transport } })

  it('goes on: the missed pushes in order, then the answer; topics, role, data and server as before', async () => {
    const gate = await start()
    const { client, token, sessionId } = await player(gate)
    await game.peer.call(
      routes.gate.session.update,
      { sessionId, data: { team: 't1' } },
      { to: { server: gate.id } },
    )
    say(1)
    say(2)
    expect(await seqs(client, 2)).toEqual([1, 2])
    await cut(gate, client)
    await world.startGame()
    for (const seq of [3, 4, 5]) say(seq)

    const back = await world.client(gate).start('msgpack', { resume: true, dict: true, compress: true })
    const asked = back.post('gate.session.login', { token, resume: { sessionId, pushes: 2 } })
    expect(await seqs(back, 3)).toEqual([3, 4, 5])
    const { body } = await back.answer(asked)
    expect(body).toMatchObject({ uid: 'u1', resumed: true })
    say(6)
    expect(await seqs(back, 1)).toEqual([6])
    expect((await back.ask('game.role.get')).error).toBeUndefined()
    expect(game.calls.at(-1)).toMatchObject({
      route: 'game.role.get',
      session: { rid: 'r1', data: { team: 't1' }, sessionId: (body as LoginAnswer).sessionId },
    })
    expect(enters()).toHaveLength(2)
    expect(await gate.total('hydra_gate_resumes_total')).toBe(1)
  })

  it('before the gate has noticed: the old connection ends with RESUMED, what it did not read is replayed', async () => {
    const gate = await start()
    const { client, token, sessionId } = await player(gate)
    for (const seq of [1, 2, 3]) say(seq)
    expect(await seqs(client, 3)).toEqual([1, 2, 3])
    const back = await world.client(gate).start('json', { resume: true })
    // As if the last two had been lost on the way.
    expect(await logIn(back, { token, resume: { sessionId, pushes: 1 } })).toMatchObject({ resumed: true })
    expect(await seqs(back, 2)).toEqual([2, 3])
    expect(await client.kick()).toMatchObject({ code: 'RESUMED' })
    const left = game.calls.filter(({ route }) => route === 'game.role.leave')
    expect(left.map(({ body }) => body)).toMatchObject([{ sessionId, reason: 'RESUMED', grace: true }])
  })
})

describe('a client that comes back', () => {
  it('to the session of another account gets nothing of it, and leaves it to whose it is', async () => {
    const gate = await world.startGate()
    const { client, token, sessionId } = await player(gate)
    await game.peer.call(
      routes.gate.session.update,
      { sessionId, data: { moderator: true } },
      { to: { server: gate.id } },
    )
    await cut(gate, client)
    say(1)
    const thief = await world.client(gate).start('json', { resume: true })
    const stolen = { sessionId, pushes: 0 }
    const answer = await logIn(thief, { token: await world.account('u2'), resume: stolen })
    expect(answer).toMatchObject({ uid: 'u2', resumed: false })
    await thief.ask('game.role.list')
    const seen = game.calls.at(-1)
    expect(seen).toMatchObject({ route: 'game.role.list', session: { uid: 'u2' } })
    expect(JSON.stringify(seen)).not.toMatch(/moderator|r1/)
    const back = await world.client(gate).start('json', { resume: true })
    expect(await logIn(back, { token, resume: stolen })).toMatchObject({ resumed: true })
    expect(await seqs(back, 1)).toEqual([1])
  })

  it('again and again misses nothing and gets nothing twice', async () => {
    const gate = await world.startGate()
    const first = await player(gate)
    let { client, sessionId } = first
    let said = 0
    const got: number[] = []
    const rounds = fc.sample(
      fc.record({
        before: fc.nat({ max: 4 }),
        unread: fc.nat({ max: 3 }),
        away: fc.nat({ max: 5 }),
        halfOpen: fc.boolean(),
      }),
      { numRuns: 40, seed: 7 },
    )
    for (const { before, unread, away, halfOpen } of rounds) {
      for (let i = 0; i < before; i++) say(++said)
      got.push(...(await seqs(client, before)))
      // Sent, and lost with the connection.
      for (let i = 0; i < unread; i++) say(++said)
      if (!halfOpen) await cut(gate, client)
      for (let i = 0; i < away; i++) say(++said)
      client = await world.client(gate).start('json', { resume: true })
      const answer = await logIn(client, { token: first.token, resume: { sessionId, pushes: got.length } })
      expect(answer.resumed).toBe(true)
      sessionId = answer.sessionId
      got.push(...(await seqs(client, unread + away)))
    }
    expect(got).toEqual(Array.from({ length: said }, (_, i) => i + 1))
  })

  it('is sent what its memberships say that were changed while it was away', async () => {
    const gate = await world.startGate()
    const { client, token, sessionId } = await player(gate)
    await join(gate, sessionId, 'alliance-1')
    await cut(gate, client)
    say(1, 'alliance-1')
    expect(await leave(gate, sessionId, 'alliance-1')).toEqual({ found: true })
    say(2, 'alliance-1')
    expect(await join(gate, sessionId, 'team-1')).toEqual({ found: true })
    say(3, 'team-1')
    const back = await world.client(gate).start('json', { resume: true })
    await logIn(back, { token, resume: { sessionId, pushes: 0 } })
    expect(await seqs(back, 2)).toEqual([1, 3])
    say(4, 'alliance-1')
    say(5, 'team-1')
    expect(await seqs(back, 1)).toEqual([5])
  })

  const away = async (gate: TestGate) => {
    const { client, token, sessionId } = await player(gate)
    await cut(gate, client)
    return { token, sessionId }
  }
  const outcome = async (at: TestGate, token: string, resume: { sessionId: string; pushes: number }) => {
    const back = await world.client(at).start('json', { resume: true })
    return { back, ...(await logIn(back, { token, resume })) }
  }

  it.each<[string, Sections, (gate: TestGate, at: { token: string; sessionId: string }) => unknown]>([
    ['after the window', { resume: { windowMs: 0 } }, () => {}],
    [
      'after more than is kept',
      { resume: { bufferBytes: 500 } },
      () => [1, 2, 3, 4, 5].map((seq) => say(seq)),
    ],
    [
      'after more than it could be sent at once',
      { limits: { maxBackpressureBytes: 16_384 } },
      () => Array.from({ length: 100 }, (_, seq) => say(seq)),
    ],
    [
      'after somebody else has logged in',
      {},
      async (gate, { token }) => {
        const other = await world.client(gate).start()
        await logIn(other, { token })
        await cut(gate, other)
      },
    ],
    [
      'after it was kicked while away',
      {},
      (gate) => game.peer.call(routes.gate.account.kick, { uid: 'u1' }, { to: { server: gate.id } }),
    ],
  ])('%s is told to begin anew', async (_what, sections, act) => {
    const gate = await world.startGate(sections)
    const at = await away(gate)
    await act(gate, at)
    const { back, resumed } = await outcome(gate, at.token, { sessionId: at.sessionId, pushes: 0 })
    expect(resumed).toBe(false)
    expect((await back.ask('game.role.get')).error?.code).toBe('ROLE_NOT_ENTERED')
    expect((await back.ask('game.role.enter', { rid: 'r1' })).error).toBeUndefined()
    say(9)
    await back.ask('game.role.get')
    expect(back.inbox.filter(({ kind }) => kind === 'message')).toEqual([])
  })

  it('at another gate, under a wrong id, or with a wrong count is told to begin anew', async () => {
    const [gate, other] = [await world.startGate(), await world.startGate()]
    const { token, sessionId } = await away(gate)
    expect((await outcome(gate, token, { sessionId: 'nobody', pushes: 0 })).resumed).toBe(false)
    const again = await world.client(gate).start('json', { resume: true })
    const second = await logIn(again, { token })
    await again.ask('game.role.enter', { rid: 'r1' })
    await join(gate, second.sessionId)
    await cut(gate, again)
    expect((await outcome(other, token, { sessionId: second.sessionId, pushes: 0 })).resumed).toBe(false)
    expect((await outcome(gate, token, { sessionId, pushes: 7 })).resumed).toBe(false)
  })

  it('is not waited for when it did not say that it could come back', async () => {
    const gate = await world.startGate()
    const { client, token, sessionId } = await player(gate, {})
    await cut(gate, client)
    expect((await outcome(gate, token, { sessionId, pushes: 0 })).resumed).toBe(false)
    expect(await gate.metric('hydra_gate_parked_sessions{service="gate"}')).toBe(0)
  })

  it('to a role that cannot be entered is told to begin anew, and is sent nothing more', async () => {
    const gate = await world.startGate()
    const { token, sessionId } = await away(gate)
    game.replace('game.role.enter', () => {
      throw new HydraError('STORAGE_UNAVAILABLE', 'The database cannot be reached.')
    })
    const { back, resumed } = await outcome(gate, token, { sessionId, pushes: 0 })
    expect(resumed).toBe(false)
    say(1)
    await back.ask('game.role.list')
    expect(back.inbox.filter(({ kind }) => kind === 'message')).toEqual([])
    expect(gate.lines.find(({ msg }) => msg.startsWith('a session could not be resumed'))).toBeDefined()
  })

  it('and is lost again on the way leaves what it had begun to enter', async () => {
    const gate = await world.startGate()
    const { token, sessionId } = await away(gate)
    let answer = () => {}
    game.replace('game.role.enter', async ({ updateSession }, { rid }) => {
      await new Promise<void>((resolve) => (answer = resolve))
      updateSession({ rid })
      return { role: roleView(rid) }
    })
    const back = await world.client(gate).start('json', { resume: true })
    const before = game.calls.length
    back.post('gate.session.login', { token, resume: { sessionId, pushes: 0 } })
    await game.called(before + 1)
    await cut(gate, back)
    answer()
    await game.called(before + 2)
    const record = await world.storage.stores.sessions.get('u1')
    expect(game.calls.at(-1)).toMatchObject({
      route: 'game.role.leave',
      body: { rid: 'r1', sessionId: record?.sessionId, sessionEpoch: record?.epoch, grace: true },
    })
    expect(await gate.metric('hydra_gate_parked_sessions{service="gate"}')).toBe(0)
    say(1)
    expect(await gate.metric('hydra_gate_replay_bytes{service="gate"}')).toBe(0)
  })

  it('through the client library: listeners are told everything once, in order', async () => {
    const gate = await world.startGate()
    const token = await world.account('u1')
    const client = await connect({ url: gate.url })
    const got: number[] = []
    client.on(pushes.chat.channel.message, ({ seq }) => void got.push(seq))
    const { sessionId } = await client.logIn(token)
    await client.request(routes.game.role.enter, { rid: 'r1' })
    await join(gate, sessionId)
    say(1)
    while (got.length < 1) await new Promise((resolve) => setImmediate(resolve))
    await expect(client.reconnect(token)).rejects.toMatchObject({ code: 'BAD_REQUEST' })
    await client.close()
    say(2)
    say(3)
    expect(await client.reconnect(token)).toEqual({ resumed: true })
    say(4)
    while (got.length < 4) await new Promise((resolve) => setImmediate(resolve))
    await client.close()
    expect(await client.reconnect(token)).toEqual({ resumed: true })
    expect(got).toEqual([1, 2, 3, 4])
    expect((await client.request(routes.game.role.get, {})).role.rid).toBe('r1')
    await client.close()
  })
})
