import { HydraError, type ParsedRequestOf, type ResponseOf, type routes } from '@hydra/protocol'
import type { Accounts, SessionStore } from '@hydra/persistence'
import type { Clock, Logger, SessionTokenClaims, SessionTokens } from '@hydra/runtime'
import type { RpcPeer } from '@hydra/rpc'
import type { createResume } from '../resume/resume-session.ts'
import { checkAccount } from './check-account.ts'
import type { SessionCloser } from './close-session.ts'
import type { ReplacedSessions } from './replaced-sessions.ts'
import { emitBound } from './session-events.ts'
import type { Session } from './session.ts'

/** What logging in needs. */
export interface OpenSessionOptions {
  readonly peer: Pick<RpcPeer, 'id' | 'emit'>
  readonly tokens: SessionTokens
  readonly accounts: Pick<Accounts, 'findByUid'>
  readonly store: SessionStore
  readonly replacedSessions: ReplacedSessions
  readonly closer: Pick<SessionCloser, 'close'>
  readonly resume: ReturnType<typeof createResume>
  /** Failed logins in a row after which a connection is closed. */
  readonly maxFailures: number
  readonly clock: Clock
  readonly log: Logger
}

/** Failures that are the client's. */
const authCodes: ReadonlySet<string> = new Set(['TOKEN_INVALID', 'TOKEN_EXPIRED', 'BANNED'])

type Login = typeof routes.gate.session.login

/**
 * Makes the handler of `gate.session.login`: verifies the token, refuses banned accounts, makes this the account's one
 * session, and has the session that it replaces ended, wherever that is.
 */
export function createOpenSession(options: OpenSessionOptions) {
  const { peer, tokens, accounts, store, replacedSessions, closer, resume, maxFailures, clock, log } = options

  const bind = async (login: Parameters<SessionStore['bind']>[0]) => {
    try {
      return await store.bind(login)
    } catch (error) {
      replacedSessions.takeBack(login.uid, login.sessionId)
      throw error
    }
  }

  /** Whose token it is. @throws HydraError `TOKEN_INVALID`, `TOKEN_EXPIRED`, `BANNED`. */
  const authenticate = async (session: Session, token: string): Promise<SessionTokenClaims> => {
    try {
      const claims = await tokens.verify(token)
      await checkAccount(claims.uid, { accounts, clock })
      session.loginFailures = 0
      return claims
    } catch (error) {
      const isTheirs = error instanceof HydraError && authCodes.has(error.code)
      if (isTheirs && ++session.loginFailures >= maxFailures) {
        // The client is to read first why this login failed.
        setImmediate(() => closer.close(session, 'AUTH_FAILED'))
      }
      throw error
    }
  }

  return async (
    session: Session,
    { token, resume: point }: ParsedRequestOf<Login>,
  ): Promise<ResponseOf<Login>> => {
    if (session.user !== undefined) {
      throw new HydraError('ALREADY_LOGGED_IN', 'This connection is logged in already; log out first.')
    }
    const { uid, expiresAtMs, authenticatedAtMs } = await authenticate(session, token)
    const { sessionId } = session
    const { epoch, replaced } = await bind({ uid, gateId: peer.id, sessionId })
    session.logIn({ uid, epoch })
    session.authenticatedAtMs = authenticatedAtMs
    emitBound(peer, session, { uid, epoch })
    // Only when nobody has logged in between: what another session did in the meantime this client does not know.
    const goesOn = point !== undefined && point.sessionId === replaced?.sessionId
    if (replaced !== undefined && replaced.sessionId !== sessionId) {
      await replacedSessions.end(replaced, goesOn ? 'RESUMED' : 'DUPLICATE_LOGIN')
    }
    const resumed = goesOn && (await resume(session, point))
    log.info(
      {
        uid,
        sessionId,
        epoch,
        resumed,
        replaced: replaced?.sessionId,
        remoteAddress: session.connection.remoteAddress,
      },
      'logged in',
    )
    const answer = { uid, sessionId, serverTimeMs: clock.nowMs(), tokenExpiresAtMs: expiresAtMs }
    return point === undefined ? answer : { ...answer, resumed }
  }
}
