import { events, pushes, routes, type PayloadOf } from '@hydra/protocol'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createGateWorld, type TestGate } from './test-support/gate-world.ts'
import { roleView } from './test-support/test-servers.ts'

type Game = Awaited<ReturnType<typeof world.startGame>>

let world: Awaited<ReturnType<typeof createGateWorld>>
let gate: TestGate
let game: Game

beforeEach(async () => {
  world = await createGateWorld()
  gate = await world.startGate()
  game = await world.startGame()
})
afterEach(() => world.end())

async function player(uid: string, at = gate) {
  const client = await world.client(at).start('json', { platform: 'ios', clientVersion: '1.2' })
  const { body } = await client.ask('gate.session.login', { token: await world.account(uid) })
  const { sessionId } = body as { sessionId: string }
  await client.ask('game.role.enter', { rid: `r-${uid}` })
  return { client, sessionId }
}

/** What arrives of an event, and a promise of its next. */
async function listen<E extends (typeof events.gate.session)[keyof typeof events.gate.session]>(event: E) {
  const heard: PayloadOf<E>[] = []
  let wake = () => {}
  await game.peer.on(event, (payload) => {
    heard.push(payload)
    wake()
  })
  const next = async () => {
    while (heard.length === 0) await new Promise<void>((resolve) => (wake = resolve))
    return heard.shift()
  }
  return { heard, next }
}

describe('services hear', () => {
  it('of each login and of its end, with account, role, reason and data', async () => {
    const bound = await listen(events.gate.session.bound)
    const closed = await listen(events.gate.session.closed)
    const { client, sessionId } = await player('u1')
    const { epoch } = (await world.storage.stores.sessions.get('u1')) ?? {}
    const login = { uid: 'u1', sessionId, gateId: gate.id, epoch }
    const about = { platform: 'ios', version: '1.2' }
    expect(await bound.next()).toEqual({ ...login, remoteAddress: '127.0.0.1', client: about })

    await game.peer.call(
      routes.gate.session.update,
      { sessionId, data: { team: 't1' } },
      { to: { server: gate.id } },
    )
    client.socket.terminate()
    const end = { ...login, rid: 'r-u1', reason: 'CLIENT_CLOSED', data: { team: 't1' } }
    expect(await closed.next()).toEqual(end)
  })

  it('of a logout, and of the next login over the same connection', async () => {
    const bound = await listen(events.gate.session.bound)
    const closed = await listen(events.gate.session.closed)
    const { client, sessionId } = await player('u1')
    expect(await bound.next()).toMatchObject({ sessionId })
    await client.ask('gate.session.logout')
    expect(await closed.next()).toMatchObject({ sessionId, reason: 'LOGGED_OUT', rid: 'r-u1' })
    await client.ask('gate.session.login', { token: await world.token('u1') })
    expect((await bound.next())?.sessionId).not.toBe(sessionId)
    client.socket.terminate()
    expect(await closed.next()).toMatchObject({ reason: 'CLIENT_CLOSED', data: {} })
  })

  it('nothing of connections that never logged in', async () => {
    const closed = await listen(events.gate.session.closed)
    const stranger = await world.client(gate).start()
    stranger.send(Uint8Array.of(9))
    await stranger.closed
    const { client } = await player('u1')
    client.socket.terminate()
    expect(await closed.next()).toMatchObject({ uid: 'u1' })
  })
})

describe('session data', () => {
  const to = () => ({ to: { server: gate.id } })

  it('are noted with an answer, and travel with every later request to whichever service', async () => {
    const chat = await world.startChat()
    game.replace('game.role.rename', ({ session, updateSession }, { name }) => {
      updateSession({ data: { team: 't1', rank: 2 } })
      return { role: { ...roleView(session.rid), name } }
    })
    const { client, sessionId } = await player('u1')
    await client.ask('game.role.get')
    await client.ask('game.role.rename', { name: 'Grace' })
    await client.ask('game.role.get')
    await client.ask('chat.channel.history', { channel: 'world' })
    await game.peer.call(routes.gate.session.update, { sessionId, data: { rank: null, vip: true } }, to())
    await client.ask('game.role.get')
    const seen = [...game.calls, ...chat.calls].map(({ route, session }) => [route, session?.data])
    expect(seen.filter(([route]) => route !== 'game.role.enter')).toEqual([
      ['game.role.get', undefined],
      ['game.role.rename', undefined],
      ['game.role.get', { team: 't1', rank: 2 }],
      ['game.role.get', { team: 't1', vip: true }],
      ['chat.channel.history', { team: 't1', rank: 2 }],
    ])
  })

  it('are forgotten at logout', async () => {
    const { client, sessionId } = await player('u1')
    await game.peer.call(routes.gate.session.update, { sessionId, data: { team: 't1' } }, to())
    await client.ask('gate.session.logout')
    await client.ask('gate.session.login', { token: await world.token('u1') })
    await client.ask('game.role.enter', { rid: 'r-u1' })
    expect(game.calls.at(-1)).toMatchObject({ route: 'game.role.enter' })
    expect(game.calls.at(-1)?.session?.data).toBeUndefined()
  })

  it('that grow beyond the limit change nothing, and say so', async () => {
    const { client, sessionId } = await player('u1')
    const update = (data: Record<string, string>) =>
      game.peer.call(routes.gate.session.update, { sessionId, data }, to())
    await update({ a: 'x'.repeat(3_000) })
    await expect(update({ b: 'x'.repeat(2_000) })).rejects.toMatchObject({ code: 'PAYLOAD_TOO_LARGE' })
    game.replace('game.role.get', ({ session, updateSession }) => {
      updateSession({ data: { c: 'x'.repeat(2_000) } })
      return { role: roleView(session.rid) }
    })
    expect((await client.ask('game.role.get')).error).toBeUndefined()
    expect(gate.lines.find(({ msg }) => msg.startsWith('session data refused'))).toMatchObject({
      names: ['c'],
    })
    await client.ask('game.role.ping')
    expect(Object.keys(game.calls.at(-1)?.session?.data ?? {})).toEqual(['a'])
    expect(await game.peer.call(routes.gate.session.update, { sessionId: 'nobody', data: {} }, to())).toEqual(
      {
        found: false,
      },
    )
  })

  it('can be read together with what the gate knows', async () => {
    const { sessionId } = await player('u1')
    await game.peer.call(routes.gate.session.update, { sessionId, data: { team: 't1' } }, to())
    expect(await game.peer.call(routes.gate.session.get, { sessionId }, to())).toEqual({
      session: {
        uid: 'u1',
        rid: 'r-u1',
        remoteAddress: '127.0.0.1',
        transport: 'uws',
        client: { platform: 'ios', version: '1.2' },
        data: { team: 't1' },
      },
    })
    expect(await game.peer.call(routes.gate.session.get, { sessionId: 'nobody' }, to())).toEqual({})
  })
})

describe('a session is present', () => {
  const present = async (...sessions: readonly { readonly sessionId: string; readonly rid: string }[]) => {
    const to = { server: gate.id }
    return (await game.peer.call(routes.gate.session.present, { sessions: [...sessions] }, { to })).present
  }

  it('while it is here and plays the role that is asked about', async () => {
    const [{ client, sessionId }, other] = [await player('u1'), await player('u2')]
    expect(
      await present(
        { sessionId, rid: 'r-u1' },
        { sessionId, rid: 'r-u2' },
        { sessionId: 'nobody', rid: 'r-u1' },
        { sessionId: other.sessionId, rid: 'r-u2' },
      ),
    ).toEqual([true, false, false, true])
    await client.ask('game.role.enter', { rid: 'r-other' })
    expect(await present({ sessionId, rid: 'r-u1' }, { sessionId, rid: 'r-other' })).toEqual([false, true])
    await client.ask('gate.session.logout')
    expect(await present({ sessionId, rid: 'r-other' })).toEqual([false])
  })

  it('while its role is being entered, before anybody has answered', async () => {
    const { client, sessionId } = await player('u1')
    const during = new Promise<readonly boolean[]>((resolve, reject) => {
      game.replace('game.role.enter', async ({ updateSession }, { rid }) => {
        present({ sessionId, rid }, { sessionId, rid: 'r-u1' }).then(resolve, reject)
        await during
        updateSession({ rid })
        return { role: roleView(rid) }
      })
    })
    await client.ask('game.role.enter', { rid: 'r-other' })
    expect(await during).toEqual([true, true])
  })

  it('while its client may come back, and not after that', async () => {
    const closed = await listen(events.gate.session.closed)
    const client = await world.client(gate).start('json', { resume: true })
    const token = await world.account('u1')
    const { body } = await client.ask('gate.session.login', { token })
    const { sessionId } = body as { sessionId: string }
    await client.ask('game.role.enter', { rid: 'r-u1' })
    const join = { sessionId, topics: ['chat-world-1'] }
    await game.peer.call(routes.gate.topic.join, join, { to: { server: gate.id } })
    client.socket.terminate()
    await closed.next()
    expect(await present({ sessionId, rid: 'r-u1' }, { sessionId, rid: 'r-u2' })).toEqual([true, false])
    await game.peer.call(
      routes.gate.session.kick,
      { sessionId, reason: 'KICKED' },
      { to: { server: gate.id } },
    )
    expect(await present({ sessionId, rid: 'r-u1' })).toEqual([false])
  })
})

describe('topics', () => {
  const join = (body: { sessionId: string; topics: string[]; insteadOf?: string[] }) =>
    game.peer.call(routes.gate.topic.join, body, { to: { server: gate.id } })
  const say = (topic: string, text: string) => {
    const from = { rid: 'r1', name: 'Ada' }
    game.peer.publish(topic, pushes.chat.channel.message, { channel: topic, seq: 1, from, text, sentAtMs: 1 })
  }

  it('are joined all or none: what a session receives already stays when one is too many', async () => {
    const client = await world.client(gate).start('json')
    const { body } = await client.ask('gate.session.login', { token: await world.account('u1') })
    const { sessionId } = body as { sessionId: string }
    await client.ask('game.role.enter', { rid: 'r-u1' })
    for (const call of [1, 2, 3, 4]) {
      await join({ sessionId, topics: Array.from({ length: 64 }, (_, index) => `t-${call}-${index}`) })
    }
    await expect(join({ sessionId, topics: ['t-1-0', 'more'] })).rejects.toMatchObject({
      code: 'RATE_LIMITED',
    })
    const sessions = ['t-1-0', 'more'].map((topic) => ({ sessionId, rid: 'r-u1', topic }))
    expect(
      await game.peer.call(routes.gate.session.present, { sessions }, { to: { server: gate.id } }),
    ).toMatchObject({ receives: [true, false] })
  })

  it('are joined in the place of others of their kinds, by a client that may come back as well', async () => {
    const closed = await listen(events.gate.session.closed)
    const client = await world.client(gate).start('json', { resume: true })
    const token = await world.account('u1')
    const { body } = await client.ask('gate.session.login', { token })
    const { sessionId } = body as { sessionId: string }
    await client.ask('game.role.enter', { rid: 'r-u1' })
    await join({ sessionId, topics: ['a-1', 'a-2', 'b-1', 'c-1'] })
    const insteadOf = ['a-', 'b-']
    expect(await join({ sessionId, topics: ['a-2', 'a-3'], insteadOf })).toEqual({ found: true })
    const asked = ['a-1', 'a-3'].map((topic) => ({ sessionId, rid: 'r-u1', topic }))
    const present = { sessions: asked }
    expect(await game.peer.call(routes.gate.session.present, present, { to: { server: gate.id } })).toEqual({
      present: [true, true],
      receives: [false, true],
    })
    for (const topic of ['a-1', 'b-1', 'a-2', 'a-3', 'c-1']) say(topic, topic)
    const heard = [await client.push(), await client.push(), await client.push()]
    expect(heard.map((push) => (push.body as { text: string }).text)).toEqual(['a-2', 'a-3', 'c-1'])

    client.socket.terminate()
    await closed.next()
    await join({ sessionId, topics: ['a-4'], insteadOf })
    const again = await world.client(gate).start('json', { resume: true })
    for (const topic of ['a-2', 'a-4', 'c-1']) say(topic, `${topic} later`)
    const resume = { sessionId, pushes: 3 }
    await again.ask('gate.session.login', { token, resume })
    const missed = [await again.push(), await again.push()]
    expect(missed.map((push) => (push.body as { text: string }).text)).toEqual(['a-4 later', 'c-1 later'])
  })
})

describe('an account', () => {
  it.each(['the gate that holds it', 'another gate'])('is kicked through %s', async (which) => {
    const other = await world.startGate()
    const { client } = await player('u1')
    const to = { server: which === 'another gate' ? other.id : gate.id }
    expect(await game.peer.call(routes.gate.account.kick, { uid: 'u1' }, { to })).toEqual({ found: true })
    expect(await client.kick()).toMatchObject({ code: 'KICKED' })
    expect(await client.closed).toEqual({ code: 1008, reason: 'KICKED' })
  })

  it('without a session, or whose gate has died, is nothing to kick', async () => {
    const call = (uid: string) =>
      game.peer.call(routes.gate.account.kick, { uid }, { to: { server: gate.id } })
    expect(await call('u1')).toEqual({ found: false })
    await world.storage.stores.sessions.bind({ uid: 'u1', gateId: 'gate-gone', sessionId: 's1' })
    expect(await call('u1')).toEqual({ found: false })
  })

  it('that is banned loses its session and gets no other until the ban is lifted', async () => {
    const { client } = await player('u1')
    const ban = (uid: string, untilMs: number) =>
      game.peer.call(
        routes.gate.account.ban,
        { uid, untilMs, message: 'For cheating.' },
        { to: { type: 'gate' } },
      )
    expect(await ban('u1', Date.now() + 60_000)).toEqual({ found: true, kicked: true })
    expect(await client.kick()).toEqual({ code: 'BANNED', reason: 'For cheating.' })
    const again = await world.client(gate).start()
    const login = async () => again.ask('gate.session.login', { token: await world.token('u1') })
    expect((await login()).error?.code).toBe('BANNED')
    expect(await ban('u1', 0)).toEqual({ found: true, kicked: false })
    expect((await login()).error).toBeUndefined()
    expect(await ban('nobody', Date.now() + 60_000)).toEqual({ found: false, kicked: false })
  })
})
