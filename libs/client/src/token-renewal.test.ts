import { HydraError, routes } from '@hydra/protocol'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { connected } from './test-support/connected.ts'
import { ManualClock } from './test-support/manual-clock.ts'
import { PeerServer } from './test-support/peer-server.ts'
import { TokenRenewal, type TokenLease } from './token-renewal.ts'

describe('the renewal of a token', () => {
  let clock: ManualClock
  let asked: number
  let answer: () => Promise<TokenLease>
  let renewal: TokenRenewal

  beforeEach(() => {
    clock = new ManualClock()
    asked = 0
    renewal = new TokenRenewal({
      clock,
      renew: () => {
        asked++
        return answer()
      },
    })
  })

  const settle = () => new Promise((resolve) => setImmediate(resolve))
  const pass = async (ms: number) => {
    clock.advance(ms)
    await settle()
  }

  test('comes when half of its time is over, again and again', async () => {
    answer = () => Promise.resolve({ token: `token${asked}`, lifetimeMs: 1_000_000 })
    renewal.begin({ token: 'token0', lifetimeMs: 100_000 })
    await pass(49_999)
    expect([asked, renewal.token]).toEqual([0, 'token0'])
    await pass(1)
    expect([asked, renewal.token]).toEqual([1, 'token1'])
    await pass(500_000)
    expect([asked, renewal.token]).toEqual([2, 'token2'])
  })

  test('is tried again after a failure that may pass, and given up after another', async () => {
    answer = () => Promise.reject(new HydraError('STORAGE_UNAVAILABLE', 'Not now.'))
    renewal.begin({ token: 'token0', lifetimeMs: 160_000 })
    await pass(80_000)
    await pass(10_000)
    expect(asked).toBe(2)
    answer = () => Promise.reject(new HydraError('TOKEN_EXPIRED', 'Too long ago.'))
    await pass(10_000)
    await pass(100_000)
    expect([asked, renewal.token, clock.timers]).toEqual([3, 'token0', 0])
  })

  test('is tried again every two seconds at the most, however short the lifetime', async () => {
    answer = () => Promise.reject(new HydraError('STORAGE_UNAVAILABLE', 'Not now.'))
    renewal.begin({ token: 'token0', lifetimeMs: 10_000 })
    await pass(5_000)
    await pass(1_999)
    expect(asked).toBe(1)
    await pass(1)
    expect(asked).toBe(2)
  })

  test('ends with the connection; what comes then is passed over', async () => {
    let resolve: (lease: TokenLease) => void = () => {}
    answer = () => new Promise((settleLater) => (resolve = settleLater))
    renewal.begin({ token: 'token0', lifetimeMs: 100 })
    await pass(50)
    renewal.stop()
    resolve({ token: 'late', lifetimeMs: 100 })
    await settle()
    expect([renewal.token, clock.timers]).toEqual(['token0', 0])
  })

  test('ends with a token that lasts no longer than the one before, which stays', async () => {
    answer = () => Promise.resolve({ token: 'shorter', lifetimeMs: 20_000 })
    renewal.begin({ token: 'token0', lifetimeMs: 100_000 })
    await pass(50_000)
    await pass(50_000)
    expect([asked, renewal.token, clock.timers]).toEqual([1, 'token0', 0])
  })

  test('does not begin where the server does not say how long a token lasts', () => {
    renewal.begin({ token: 'token0', lifetimeMs: undefined })
    expect([renewal.token, clock.timers]).toEqual(['token0', 0])
  })
})

describe('a client', () => {
  let server: PeerServer
  beforeEach(async () => {
    server = await PeerServer.listen()
  })
  afterEach(() => server.close())

  test('comes back with the token that it was given while it was connected', async () => {
    const clock = new ManualClock()
    const { client, peer } = await connected(server, { clock }, { heartbeat: 0 })
    await expect(client.reconnect()).rejects.toMatchObject({ code: 'BAD_REQUEST' })
    const session = { uid: 'u1', sessionId: 's1', serverTimeMs: 1_000, tokenExpiresAtMs: 61_000 }
    const loggingIn = client.logIn('first')
    peer.respond(await peer.nextRequest(), session)
    await loggingIn
    clock.advance(30_000)
    const renewing = await peer.nextRequest()
    expect(peer.decode(renewing.body)).toEqual({})
    peer.respond(renewing, { token: 'second', expiresAtMs: 91_000, serverTimeMs: 31_000 })
    const pinging = client.request(routes.game.role.list, {})
    peer.respond(await peer.nextRequest(), { roles: [] })
    await pinging
    expect(client.token).toBe('second')

    await client.close()
    const reconnecting = client.reconnect()
    const next = await server.accept()
    await next.handshake({ heartbeat: 0 })
    const login = await next.nextRequest()
    expect(next.decode(login.body)).toMatchObject({ token: 'second' })
    next.respond(login, { ...session, resumed: false })
    expect(await reconnecting).toEqual({ resumed: false })
    await client.close()
    expect(clock.timers).toBe(0)
  })
})
