import { HydraError, limits } from '@hydra/protocol'
import { errors, jwtVerify, SignJWT, type JWTPayload } from 'jose'
import type { Clock } from './clock.ts'

/** What a valid token says. */
export interface SessionTokenClaims {
  readonly uid: string
  readonly issuedAtMs: number
  readonly expiresAtMs: number
}

/** Signs what http hands out and verifies what a gate is shown. */
export interface SessionTokens {
  sign(uid: string): Promise<{ readonly token: string; readonly expiresAtMs: number }>
  /** @throws HydraError `TOKEN_INVALID`, `TOKEN_EXPIRED`. */
  verify(token: string): Promise<SessionTokenClaims>
}

/** Secrets, lifetime and time source. */
export interface SessionTokensOptions {
  /** The first signs, all verify: put a new one in front, and drop the old one when its tokens have expired. */
  readonly secrets: readonly string[]
  readonly ttlSeconds: number
  readonly clock: Clock
}

const algorithm = 'HS256'
const issuer = 'hydra'

/**
 * Account tokens as JSON Web Tokens (RFC 7519), HMAC with SHA-256 and nothing else: `sub` is the uid, `iat` and `exp`
 * are whole seconds, `iss` is `hydra`.
 *
 * @example
 * const tokens = createSessionTokens({ secrets: [secret], ttlSeconds: 3600, clock: systemClock })
 * const { uid } = await tokens.verify((await tokens.sign('u1')).token)
 */
export function createSessionTokens(options: SessionTokensOptions): SessionTokens {
  const { ttlSeconds, clock } = options
  const keys = options.secrets.map((secret) => new TextEncoder().encode(secret))
  const [signingKey] = keys
  if (signingKey === undefined) throw new RangeError('tokens need at least one secret')
  return {
    async sign(uid) {
      const issuedAt = Math.floor(clock.nowMs() / 1_000)
      const expiresAt = issuedAt + ttlSeconds
      const token = await new SignJWT()
        .setProtectedHeader({ alg: algorithm, typ: 'JWT' })
        .setIssuer(issuer)
        .setSubject(uid)
        .setIssuedAt(issuedAt)
        .setExpirationTime(expiresAt)
        .sign(signingKey)
      return { token, expiresAtMs: expiresAt * 1_000 }
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

function claimsOf({ sub, iat, exp }: JWTPayload): SessionTokenClaims {
  if (typeof sub !== 'string' || sub === '' || iat === undefined || exp === undefined)
    throw invalidToken(undefined)
  return { uid: sub, issuedAtMs: iat * 1_000, expiresAtMs: exp * 1_000 }
}

const invalidToken = (cause: unknown): HydraError =>
  new HydraError('TOKEN_INVALID', 'The token is not one that http has signed; log in at http again.', {
    cause,
  })
