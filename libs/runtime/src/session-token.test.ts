import { createHmac } from 'node:crypto'
import { HydraError, limits } from '@hydra/protocol'
import { describe, expect, test } from 'vitest'
import { ManualClock } from './manual-clock.ts'
import { createSessionTokens } from './session-token.ts'

const secret = 'a'.repeat(32)
const otherSecret = 'b'.repeat(32)
const make = (secrets: readonly string[] = [secret]) => {
  const clock = new ManualClock()
  return { clock, tokens: createSessionTokens({ secrets, ttlSeconds: 60, clock }) }
}
const codeOf = async (verified: Promise<unknown>): Promise<string> => {
  const error = await verified.then(
    () => undefined,
    (reason: unknown) => reason,
  )
  return error instanceof HydraError ? error.code : 'no HydraError'
}
const base64url = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url')
const handMade = (header: object, payload: object, key = secret, hash = 'sha256'): string => {
  const signed = `${base64url(header)}.${base64url(payload)}`
  return `${signed}.${createHmac(hash, key).update(signed).digest('base64url')}`
}

describe('session tokens', () => {
  test('say who, since when and until when', async () => {
    const { clock, tokens } = make()
    const { token, expiresAtMs } = await tokens.sign('u1')
    expect(expiresAtMs).toBe(clock.nowMs() + 60_000)
    expect(await tokens.verify(token)).toEqual({
      uid: 'u1',
      issuedAtMs: clock.nowMs(),
      expiresAtMs,
      authenticatedAtMs: clock.nowMs(),
    })
  })

  test('are plain JWTs that others can check', async () => {
    const { clock, tokens } = make()
    const seconds = clock.nowMs() / 1_000
    const { token } = await tokens.sign('u1')
    const payload = { iss: 'hydra', sub: 'u1', iat: seconds, exp: seconds + 60 }
    expect(token).toBe(handMade({ alg: 'HS256', typ: 'JWT' }, payload))
  })

  test('expire', async () => {
    const { clock, tokens } = make()
    const { token } = await tokens.sign('u1')
    clock.advance(59_999)
    expect(await tokens.verify(token)).toMatchObject({ uid: 'u1' })
    clock.advance(1)
    expect(await codeOf(tokens.verify(token))).toBe('TOKEN_EXPIRED')
  })

  test('are renewed while the password was shown not too long ago, by when that was', async () => {
    const clock = new ManualClock()
    const tokens = createSessionTokens({ secrets: [secret], ttlSeconds: 60, renewableSeconds: 100, clock })
    const authenticatedAtMs = clock.nowMs()
    clock.advance(30_000)
    const { token, expiresAtMs } = await tokens.renew({ uid: 'u1', authenticatedAtMs })
    expect(expiresAtMs).toBe(authenticatedAtMs + 90_000)
    const claims = { uid: 'u1', issuedAtMs: authenticatedAtMs + 30_000, expiresAtMs, authenticatedAtMs }
    expect(await tokens.verify(token)).toEqual(claims)
    clock.advance(30_000)
    expect((await tokens.renew(claims)).expiresAtMs).toBe(authenticatedAtMs + 100_000)
    clock.advance(40_000)
    expect(await codeOf(tokens.renew(claims))).toBe('TOKEN_EXPIRED')
  })

  test('with a time of authentication that is none are refused', async () => {
    const { clock, tokens } = make()
    const seconds = clock.nowMs() / 1_000
    const payload = { iss: 'hydra', sub: 'u1', iat: seconds, exp: seconds + 60, auth_time: 'yesterday' }
    expect(await codeOf(tokens.verify(handMade({ alg: 'HS256' }, payload)))).toBe('TOKEN_INVALID')
  })

  test('are verified with every secret and signed with the first', async () => {
    const before = make([secret])
    const during = make([otherSecret, secret])
    const after = make([otherSecret])
    const old = await before.tokens.sign('u1')
    expect(await during.tokens.verify(old.token)).toMatchObject({ uid: 'u1' })
    const fresh = await during.tokens.sign('u1')
    expect(await after.tokens.verify(fresh.token)).toMatchObject({ uid: 'u1' })
    expect(await codeOf(after.tokens.verify(old.token))).toBe('TOKEN_INVALID')
  })

  test.each(['', 'garbage', 'a.b.c', 'x'.repeat(limits.tokenMaxChars + 1)])('refuse %j', async (token) => {
    expect(await codeOf(make().tokens.verify(token))).toBe('TOKEN_INVALID')
  })

  test('refuse a changed payload', async () => {
    const { tokens } = make()
    const [header = '', payload = '', signature = ''] = (await tokens.sign('u1')).token.split('.')
    const claims = JSON.parse(Buffer.from(payload, 'base64url').toString()) as object
    const forged = [header, base64url({ ...claims, sub: 'u2' }), signature].join('.')
    expect(await codeOf(tokens.verify(forged))).toBe('TOKEN_INVALID')
  })

  test('accept no other algorithm, issuer, or set of claims', async () => {
    const { clock, tokens } = make()
    const seconds = clock.nowMs() / 1_000
    const payload = { iss: 'hydra', sub: 'u1', iat: seconds, exp: seconds + 60 }
    const header = { alg: 'HS256', typ: 'JWT' }
    expect(await tokens.verify(handMade(header, payload))).toMatchObject({ uid: 'u1' })
    const forged = [
      `${base64url({ alg: 'none' })}.${base64url(payload)}.`,
      handMade({ ...header, alg: 'HS512' }, payload, secret, 'sha512'),
      handMade(header, { ...payload, iss: 'other' }),
      handMade(header, { ...payload, sub: '' }),
      handMade(header, { ...payload, sub: 5 }),
      handMade(header, { ...payload, exp: undefined }),
      handMade(header, { ...payload, iat: undefined }),
    ]
    for (const token of forged) expect(await codeOf(tokens.verify(token))).toBe('TOKEN_INVALID')
  })

  test('need a secret', () => {
    expect(() => make([])).toThrow(RangeError)
  })
})
