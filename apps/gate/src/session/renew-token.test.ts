import { ManualClock } from '@hydra/runtime'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createGateWorld } from '../test-support/gate-world.ts'

let world: Awaited<ReturnType<typeof createGateWorld>>
const clock = new ManualClock()

beforeEach(async () => {
  world = await createGateWorld({ clock })
})
afterEach(() => world.end())

/** So that nobody is idle for all the time that passes. */
const patient = { gate: { heartbeatSeconds: 3_600 } }
const renewed = (body: unknown) => body as { token: string; expiresAtMs: number; serverTimeMs: number }

describe('gate.session.renew', () => {
  it('answers a token that outlives the one of the login, for any gate', async () => {
    const [gate, other] = [await world.startGate(patient), await world.startGate(patient)]
    const client = await world.client(gate).start()
    const first = await world.account('u1')
    const { body } = await client.ask('gate.session.login', { token: first })
    const { tokenExpiresAtMs } = body as { tokenExpiresAtMs: number }
    clock.advance(1_800_000)
    const { token, expiresAtMs, serverTimeMs } = renewed((await client.ask('gate.session.renew', {})).body)
    expect([expiresAtMs, serverTimeMs]).toEqual([tokenExpiresAtMs + 1_800_000, clock.nowMs()])

    clock.advance(1_900_000)
    const again = await world.client(other).start()
    expect((await again.ask('gate.session.login', { token: first })).error?.code).toBe('TOKEN_EXPIRED')
    expect((await again.ask('gate.session.login', { token })).body).toMatchObject({ uid: 'u1' })
    // When the password was shown goes on with the renewed token.
    clock.advance(60_000)
    const third = renewed((await again.ask('gate.session.renew', {})).body)
    expect(third.expiresAtMs).toBe(clock.nowMs() + 3_600_000)
  })

  it('is for those who are logged in, not banned, and have shown their password not too long ago', async () => {
    const gate = await world.startGate({ ...patient, token: { renewableSeconds: 100 } })
    const client = await world.client(gate).start()
    const codeOf = async () => (await client.ask('gate.session.renew', {})).error?.code
    expect(await codeOf()).toBe('NOT_LOGGED_IN')
    await client.ask('gate.session.login', { token: await world.account('u1') })
    expect(await codeOf()).toBeUndefined()
    await world.storage.accounts.setBan('u1', clock.nowMs() + 10_000)
    expect(await codeOf()).toBe('BANNED')
    clock.advance(10_000)
    expect(await codeOf()).toBeUndefined()
    clock.advance(91_000)
    expect(await codeOf()).toBe('TOKEN_EXPIRED')
  })

  it('holds up nothing while the database does not answer', async () => {
    const gate = await world.startGate(patient)
    const game = await world.startGame()
    const client = await world.client(gate).start()
    await client.ask('gate.session.login', { token: await world.account('u1') })
    let answer = () => {}
    const { accounts } = world.storage
    const findByUid = accounts.findByUid.bind(accounts)
    const held = new Promise<void>((resolve) => (answer = resolve))
    Object.assign(accounts, { findByUid: (uid: string) => held.then(() => findByUid(uid)) })
    const renewing = client.ask('gate.session.renew', {})
    expect((await client.ask('game.role.list')).error).toBeUndefined()
    expect(game.calls.map(({ route }) => route)).toEqual(['game.role.list'])
    answer()
    expect((await renewing).error).toBeUndefined()
  })

  it('is answered as often as a client needs it, and no more', async () => {
    const gate = await world.startGate(patient)
    const client = await world.client(gate).start()
    await client.ask('gate.session.login', { token: await world.account('u1') })
    const codeOf = async () => (await client.ask('gate.session.renew', {})).error?.code
    const codes: unknown[] = []
    for (let times = 0; times < 6; times++) codes.push(await codeOf())
    expect(codes).toEqual([...Array.from({ length: 5 }), 'RATE_LIMITED'])
    // So long GameClient waits at the least after a failure.
    for (let times = 0; times < 10; times++) {
      clock.advance(2_000)
      expect(await codeOf()).toBeUndefined()
    }
  })
})
