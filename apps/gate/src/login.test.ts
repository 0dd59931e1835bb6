import { HydraError, routes } from '@hydra/protocol'
import { ManualClock } from '@hydra/runtime'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createGateWorld } from './test-support/gate-world.ts'
import { runClock } from './test-support/run-clock.ts'

let world: Awaited<ReturnType<typeof createGateWorld>>
const clock = new ManualClock()

beforeEach(async () => {
  world = await createGateWorld({ clock })
})
afterEach(() => world.end())

describe('login', () => {
  it('binds the connection to the account of the token', async () => {
    const gate = await world.startGate()
    const token = await world.account('u1')
    const client = await world.client(gate).start()
    const { body } = await client.ask('gate.session.login', { token })
    expect(body).toEqual({
      uid: 'u1',
      sessionId: expect.any(String) as string,
      serverTimeMs: clock.nowMs(),
      tokenExpiresAtMs: expect.any(Number) as number,
    })
    const record = await world.storage.stores.sessions.get('u1')
    expect(record).toMatchObject({
      uid: 'u1',
      gateId: gate.id,
      sessionId: (body as { sessionId: string }).sessionId,
    })
  })

  it('answers in MessagePack to whom speaks it', async () => {
    const gate = await world.startGate()
    const token = await world.account('u1')
    const client = await world.client(gate).start('msgpack')
    const { error, body } = await client.ask('gate.session.login', { token })
    expect([error, (body as { uid: string }).uid]).toEqual([undefined, 'u1'])
  })

  it('is finished before what is sent right behind it is judged', async () => {
    const gate = await world.startGate()
    const game = await world.startGame()
    const token = await world.account('u1')
    const client = await world.client(gate).start()
    const ids = [
      client.post('gate.session.login', { token }),
      client.post('game.role.enter', { rid: 'r1' }),
      client.post('game.role.get', {}),
      client.post('gate.session.logout', {}),
      client.post('game.role.get', {}),
    ]
    const codes = await Promise.all(ids.map(async (id) => (await client.answer(id)).error?.code))
    expect(codes).toEqual([undefined, undefined, undefined, undefined, 'NOT_LOGGED_IN'])
    expect(game.calls.map(({ route }) => route)).toEqual([
      'game.role.enter',
      'game.role.get',
      'game.role.leave',
    ])
  })

  it('closes a connection that fails too often, after telling why each time', async () => {
    const gate = await world.startGate({ limits: { loginAttempts: 2 } })
    const client = await world.client(gate).start()
    for (let attempt = 0; attempt < 2; attempt++) {
      const { error } = await client.ask('gate.session.login', { token: 'made up' })
      expect(error?.code).toBe('TOKEN_INVALID')
    }
    expect(await client.kick()).toMatchObject({ code: 'AUTH_FAILED' })
    expect((await client.closed).reason).toBe('AUTH_FAILED')
    const other = await world.client(gate).start()
    await other.ask('gate.session.login', { token: 'made up' })
    expect(
      (await other.ask('gate.session.login', { token: await world.account('u1') })).error,
    ).toBeUndefined()
  })

  it('has a rate limit of its own', async () => {
    const gate = await world.startGate({ limits: { routeRates: ['gate.session.login=1/2'] } })
    const client = await world.client(gate).start()
    const login = async () => (await client.ask('gate.session.login', { token: 'made up' })).error?.code
    expect([await login(), await login(), await login()]).toEqual([
      'TOKEN_INVALID',
      'TOKEN_INVALID',
      'RATE_LIMITED',
    ])
    expect(await gate.metric('hydra_gate_rate_limited_total{scope="route",service="gate"}')).toBe(1)
    clock.advance(2_000)
    expect(await login()).toBe('TOKEN_INVALID')
  })

  it.each([
    ['forged', 'eyJhbGciOiJub25lIn0.eyJzdWIiOiJ1MSJ9.', 'TOKEN_INVALID'],
    ['no token at all', 'hello', 'TOKEN_INVALID'],
    ['empty', '', 'BAD_REQUEST'],
    ['too long', 'x'.repeat(5_000), 'BAD_REQUEST'],
  ])('refuses a token that is %s', async (_what, token, code) => {
    const gate = await world.startGate()
    await world.account('u1')
    const client = await world.client(gate).start()
    expect((await client.ask('gate.session.login', { token })).error?.code).toBe(code)
    // The connection stays usable.
    expect((await client.ask('gate.session.login', { token: await world.token('u1') })).error).toBeUndefined()
    expect(gate.lines.filter((line) => line.msg === 'request refused')).toHaveLength(1)
  })

  it('refuses an expired token, one of an unknown account, and a banned account', async () => {
    const gate = await world.startGate()
    const expired = await world.account('u1')
    clock.advance(3_600_001)
    const client = await world.client(gate).start()
    const codeOf = async (token: string) => (await client.ask('gate.session.login', { token })).error
    expect((await codeOf(expired))?.code).toBe('TOKEN_EXPIRED')
    expect((await codeOf(await world.token('nobody')))?.code).toBe('TOKEN_INVALID')
    const bannedUntilMs = clock.nowMs() + 60_000
    await world.storage.accounts.setBan('u1', bannedUntilMs)
    expect(await codeOf(await world.token('u1'))).toMatchObject({
      code: 'BANNED',
      metadata: { bannedUntilMs },
    })
    clock.advance(60_000)
    expect(await codeOf(await world.token('u1'))).toBeUndefined()
  })

  it('is refused on a connection that is logged in', async () => {
    const gate = await world.startGate()
    const token = await world.account('u1')
    const client = await world.client(gate).start()
    await client.ask('gate.session.login', { token })
    expect((await client.ask('gate.session.login', { token })).error?.code).toBe('ALREADY_LOGGED_IN')
    expect((await client.ask('gate.session.logout')).error).toBeUndefined()
  })

  it('tells the client when the storage is away, and works when it is back', async () => {
    const gate = await world.startGate()
    const token = await world.account('u1')
    const client = await world.client(gate).start()
    const { sessions } = world.storage.stores
    const bind = sessions.bind.bind(sessions)
    sessions.bind = () => Promise.reject(new HydraError('STORAGE_UNAVAILABLE', 'Redis cannot be reached.'))
    expect((await client.ask('gate.session.login', { token })).error?.code).toBe('STORAGE_UNAVAILABLE')
    sessions.bind = bind
    expect((await client.ask('gate.session.login', { token })).error).toBeUndefined()
  })
})

describe('an account that logs in elsewhere', () => {
  const reason = 'DUPLICATE_LOGIN'

  it.each(['the same gate', 'another gate'])('has its older session ended, on %s', async (where) => {
    const game = await world.startGame()
    const gate = await world.startGate()
    const otherGate = where === 'the same gate' ? gate : await world.startGate()
    const token = await world.account('u1')
    const older = await world.client(gate).start()
    await older.ask('gate.session.login', { token })
    await older.ask('game.role.enter', { rid: 'r1' })
    const newer = await world.client(otherGate).start()
    expect((await newer.ask('gate.session.login', { token })).error).toBeUndefined()
    expect(await older.kick()).toMatchObject({ code: reason })
    expect(await older.closed).toEqual({ code: 1008, reason })

    await game.called(2)
    expect(game.calls.at(-1)).toMatchObject({
      route: 'game.role.leave',
      body: { rid: 'r1', uid: 'u1', reason, grace: false },
    })
    const record = await world.storage.stores.sessions.get('u1')
    expect(record?.gateId).toBe(otherGate.id)
    expect((await newer.ask('game.role.list')).error).toBeUndefined()
    expect(gate.lines.filter((line) => line.msg === 'session closed')).toMatchObject([{ reason, uid: 'u1' }])
  })

  it('may log in although the older session cannot be ended; the game server has the last word', async () => {
    const gone = await world.startGate()
    const gate = await world.startGate()
    const game = await world.startGame({
      'game.role.list': ({ session }) => {
        if (session.gateId !== gone.id) return { roles: [] }
        throw new HydraError('SESSION_ENDED', 'A newer session of this account exists.')
      },
    })
    const token = await world.account('u1')
    const older = await world.client(gone).start()
    await older.ask('gate.session.login', { token })
    // As when the kick is lost on its way.
    await world.storage.stores.sessions.release(
      'u1',
      (await world.storage.stores.sessions.get('u1'))?.sessionId ?? '',
    )
    const newer = await world.client(gate).start()
    await newer.ask('gate.session.login', { token })
    expect((await newer.ask('game.role.list')).error).toBeUndefined()
    expect((await older.ask('game.role.list')).error?.code).toBe('SESSION_ENDED')
    expect(await older.kick()).toMatchObject({ code: reason })
    expect(game.calls).toHaveLength(2)
  })

  it('ends as logged out when the game server has heard a logout that seemed to fail', async () => {
    const gate = await world.startGate()
    await world.startGame({
      'game.role.get': () => {
        throw new HydraError('SESSION_ENDED', 'This session was closed.', { metadata: { closed: true } })
      },
    })
    const client = await world.client(gate).start()
    await client.ask('gate.session.login', { token: await world.account('u1') })
    await client.ask('game.role.enter', { rid: 'r1' })
    expect((await client.ask('game.role.get')).error?.code).toBe('SESSION_ENDED')
    expect(await client.kick()).toMatchObject({ code: 'LOGGED_OUT' })
  })

  it('keeps exactly one of many logins at once', async () => {
    const gates = [await world.startGate(), await world.startGate()]
    const token = await world.account('u1')
    const clients = await Promise.all(
      [...gates, ...gates, ...gates, ...gates].map((gate) => world.client(gate).start()),
    )
    const ended = new Set<number>()
    clients.forEach((client, i) => void client.closed.then(() => ended.add(i)))
    await Promise.allSettled(clients.map((client) => client.ask('gate.session.login', { token })))
    const record = await world.storage.stores.sessions.get('u1')
    while (ended.size < 7)
      await Promise.race(clients.filter((_, i) => !ended.has(i)).map(({ closed }) => closed))
    const left = clients.find((_, i) => !ended.has(i))
    const { body } = (await left?.ask('gate.session.logout')) ?? {}
    expect(body).toEqual({})
    expect(await world.storage.stores.sessions.get('u1')).toBeUndefined()
    expect(record?.uid).toBe('u1')
  })
})

describe('logout', () => {
  it('saves the role, gives everything back, and lets the connection log in again', async () => {
    const gate = await world.startGate()
    const game = await world.startGame()
    const [first, second] = [await world.account('u1'), await world.account('u2')]
    const client = await world.client(gate).start()
    const login = await client.ask('gate.session.login', { token: first })
    await client.ask('game.role.enter', { rid: 'r1' })
    expect(await client.ask('gate.session.logout')).toEqual({ error: undefined, body: {} })
    expect(game.calls.at(-1)).toMatchObject({
      route: 'game.role.leave',
      body: { rid: 'r1', uid: 'u1', reason: 'LOGGED_OUT', grace: false },
    })
    expect((await client.ask('game.role.get')).error?.code).toBe('NOT_LOGGED_IN')
    const again = await client.ask('gate.session.login', { token: second })
    expect((again.body as { sessionId: string }).sessionId).not.toBe(
      (login.body as { sessionId: string }).sessionId,
    )
    expect((await client.ask('game.role.get')).error?.code).toBe('ROLE_NOT_ENTERED')
  })

  it('removes the session record by itself when there was no role', async () => {
    const gate = await world.startGate()
    const token = await world.account('u1')
    const client = await world.client(gate).start()
    await client.ask('gate.session.login', { token })
    await client.ask('gate.session.logout')
    expect(await world.storage.stores.sessions.get('u1')).toBeUndefined()
  })

  it('leaves the session as it was when the role cannot be saved, to be tried again', async () => {
    const gate = await world.startGate({ gate: { requestTimeoutMs: 100 } })
    let isAway = true
    await world.startGame({
      'game.role.leave': () => {
        if (isAway) throw new HydraError('STORAGE_UNAVAILABLE', 'The database cannot be reached.')
        return { state: 'saved' }
      },
    })
    const token = await world.account('u1')
    const client = await world.client(gate).start()
    await client.ask('gate.session.login', { token })
    await client.ask('game.role.enter', { rid: 'r1' })
    const refused = client.answer(client.post('gate.session.logout', {}))
    await runClock(clock, refused)
    expect((await refused).error?.code).toBe('STORAGE_UNAVAILABLE')
    isAway = false
    expect((await client.ask('game.role.get')).error).toBeUndefined()
    expect((await client.ask('gate.session.logout')).error).toBeUndefined()
  })

  it('does not let a kick that was meant for the former login end the next', async () => {
    const gate = await world.startGate()
    const chat = await world.startChat()
    const token = await world.account('u1')
    const client = await world.client(gate).start()
    const { body } = await client.ask('gate.session.login', { token })
    await client.ask('gate.session.logout')
    await client.ask('gate.session.login', { token })
    const { sessionId } = body as { sessionId: string }
    const late = chat.peer.call(
      routes.gate.session.kick,
      { sessionId, reason: 'KICKED' },
      { to: { server: gate.id } },
    )
    expect(await late).toEqual({ found: false })
    expect((await client.ask('gate.session.logout')).error).toBeUndefined()
  })
})
