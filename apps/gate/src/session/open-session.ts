import { HydraError, type ParsedRequestOf, type ResponseOf, type routes } from '@hydra/protocol'
import type { Accounts, SessionStore } from '@hydra/persistence'
import type { Clock, Logger, SessionTokens } from '@hydra/runtime'
import type { ReplacedSessions } from './replaced-sessions.ts'
import type { Session } from './session.ts'

/** What logging in needs. */
export interface OpenSessionOptions {
  readonly gateId: string
  readonly tokens: SessionTokens
  readonly accounts: Pick<Accounts, 'findByUid'>
  readonly store: SessionStore
  readonly replacedSessions: ReplacedSessions
  readonly clock: Clock
  readonly log: Logger
}

type Login = typeof routes.gate.session.login

/**
 * Makes the handler of `gate.session.login`: verifies the token, refuses banned accounts, makes this the account's one
 * session, and has the session that it replaces ended, wherever that is.
 */
export function createOpenSession(options: OpenSessionOptions) {
  const { gateId, tokens, accounts, store, replacedSessions, clock, log } = options

  const bind = async (login: Parameters<SessionStore['bind']>[0]) => {
    try {
      return await store.bind(login)
    } catch (error) {
      replacedSessions.takeBack(login.uid, login.sessionId)
      throw error
    }
  }

  return async (session: Session, { token }: ParsedRequestOf<Login>): Promise<ResponseOf<Login>> => {
    if (session.user !== undefined) {
      throw new HydraError('ALREADY_LOGGED_IN', 'This connection is logged in already; log out first.')
    }
    const { uid } = await tokens.verify(token)
    const account = await accounts.findByUid(uid)
    if (account === undefined) {
      throw new HydraError('TOKEN_INVALID', 'The account of this token does not exist any more.')
    }
    const { bannedUntilMs } = account
    if (bannedUntilMs > clock.nowMs()) {
      throw new HydraError(
        'BANNED',
        `The account is banned until ${new Date(bannedUntilMs).toISOString()}.`,
        {
          metadata: { bannedUntilMs },
        },
      )
    }
    const { sessionId } = session
    const { epoch, replaced } = await bind({ uid, gateId, sessionId })
    session.logIn({ uid, epoch })
    if (replaced !== undefined && replaced.sessionId !== sessionId) await replacedSessions.end(replaced)
    log.info(
      {
        uid,
        sessionId,
        epoch,
        replaced: replaced?.sessionId,
        remoteAddress: session.connection.remoteAddress,
      },
      'logged in',
    )
    return { uid, sessionId, serverTimeMs: clock.nowMs() }
  }
}
