import { HydraError, limits } from '@hydra/protocol'
import { errors, jwtVerify, SignJWT, type JWTPayload } from 'jose'
import type { Clock } from './clock.ts'

/** What a valid token says. */
export interface SessionTokenClaims {
  readonly uid: string
  readonly issuedAtMs: number
  readonly expiresAtMs: number
  /** When the password was shown: of a renewed token longer ago than it was issued. */
  readonly authenticatedAtMs: number
}

/** A token, as it is handed out. */
export interface SignedToken {
  readonly token: string
  readonly expiresAtMs: number
}

/** Signs what http hands out and verifies what a gate is shown. */
export interface SessionTokens {
  sign(uid: string): Promise<SignedToken>
  /** Signs another one for who has shown a valid one. @throws HydraError `TOKEN_EXPIRED` when the password was shown too long ago. */
  renew(claims: Pick<SessionTokenClaims, 'uid' | 'authenticatedAtMs'>): Promise<SignedToken>
  /** @throws HydraError `TOKEN_INVALID`, `TOKEN_EXPIRED`. */
  verify(token: string): Promise<SessionTokenClaims>
}

/** Secrets, lifetime and time source. */
export interface SessionTokensOptions {
  /** The first signs, all verify: a new one has to be known everywhere before it is put in front anywhere. */
  readonly secrets: readonly string[]
  readonly ttlSeconds: number
  /** How long after the password was shown a renewed token may be valid; `ttlSeconds` when absent. */
  readonly renewableSeconds?: number
  readonly clock: Clock
}

const algorithm = 'HS256'
const issuer = 'hydra'

/**
 * Account tokens as JSON Web Tokens (RFC 7519), HMAC with SHA-256 and nothing else: `sub` is the uid, `iat` and `exp`
 * are whole seconds, `iss` is `hydra`. Renewed ones have `auth_time` (OpenID Connect): when the password was shown.
 *
 * @example
 * const tokens = createSessionTokens({ secrets: [secret], ttlSeconds: 3600, clock: systemClock })
 * const { uid } = await tokens.verify((await tokens.sign('u1')).token)
 */
export function createSessionTokens(options: SessionTokensOptions): SessionTokens {
  const { ttlSeconds, renewableSeconds = ttlSeconds, clock } = options
  const keys = options.secrets.map((secret) => new TextEncoder().encode(secret))
  const [signingKey] = keys
  if (signingKey === undefined) throw new RangeError('tokens need at least one secret')

  const sign = async (uid: string, issuedAt: number, expiresAt: number, claims: JWTPayload) => {
    const token = await new SignJWT(claims)
      .setProtectedHeader({ alg: algorithm, typ: 'JWT' })
      .setIssuer(issuer)
      .setSubject(uid)
      .setIssuedAt(issuedAt)
      .setExpirationTime(expiresAt)
      .sign(signingKey)
    return { token, expiresAtMs: expiresAt * 1_000 }
  }
  const nowSeconds = () => Math.floor(clock.nowMs() / 1_000)

  return {
    sign(uid) {
      const issuedAt = nowSeconds()
      return sign(uid, issuedAt, issuedAt + ttlSeconds, {})
    },
    async renew({ uid, authenticatedAtMs }) {
      const issuedAt = nowSeconds()
      const authTime = Math.floor(authenticatedAtMs / 1_000)
      const expiresAt = Math.min(issuedAt + ttlSeconds, authTime + renewableSeconds)
      if (expiresAt > issuedAt) return sign(uid, issuedAt, expiresAt, { auth_time: authTime })
      throw new HydraError(
        'TOKEN_EXPIRED',
        'The last login is too long ago to renew its token; log in at http again.',
      )
    },
    async verify(token) {
      if (token.length > limits.tokenMaxChars) throw invalidToken(undefined)
      return claimsOf(await verifyWithAny(token, keys, new Date(clock.nowMs())))
    },
  }
}

async function verifyWithAny(token: string, keys: readonly Uint8Array[], now: Date): Promise<JWTPayload> {
  let refusal: unknown
  for (const key of keys) {
    try {
      const verified = await jwtVerify(token, key, {
        algorithms: [algorithm],
        issuer,
        requiredClaims: ['sub', 'iat', 'exp'],
        currentDate: now,
      })
      return verified.payload
    } catch (error) {
      if (error instanceof errors.JWTExpired) {
        throw new HydraError('TOKEN_EXPIRED', 'The token has expired; log in at http again.', {
          cause: error,
        })
      }
      refusal = error
      if (!(error instanceof errors.JWSSignatureVerificationFailed)) break
    }
  }
  throw invalidToken(refusal)
}

function claimsOf({ sub, iat, exp, auth_time: authTime = iat }: JWTPayload): SessionTokenClaims {
  if (typeof sub !== 'string' || sub === '' || iat === undefined || exp === undefined)
    throw invalidToken(undefined)
  if (typeof authTime !== 'number') throw invalidToken(undefined)
  return { uid: sub, issuedAtMs: iat * 1_000, expiresAtMs: exp * 1_000, authenticatedAtMs: authTime * 1_000 }
}

const invalidToken = (cause: unknown): HydraError =>
  new HydraError('TOKEN_INVALID', 'The token is not one that http has signed; log in at http again.', {
    cause,
  })
