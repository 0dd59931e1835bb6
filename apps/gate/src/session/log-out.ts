import type { Ids, Logger } from '@hydra/runtime'
import type { RpcPeer } from '@hydra/rpc'
import type { SessionTopics } from '../push/session-topics.ts'
import { endedLogin, type SessionReleaser } from './release-session.ts'
import type { RetryPolicy } from './retry.ts'
import { emitClosed } from './session-events.ts'
import type { Session } from './session.ts'
import type { Sessions } from './sessions.ts'

/** What logging out needs. */
export interface LogOutOptions {
  readonly sessions: Sessions
  readonly topics: Pick<SessionTopics, 'release'>
  readonly peer: Pick<RpcPeer, 'id' | 'emit'>
  readonly releaser: SessionReleaser
  /** Bounded by what a client waits for an answer; the client may ask again. */
  readonly retry: RetryPolicy
  readonly ids: Ids
  readonly log: Logger
}

/**
 * Makes the handler of `gate.session.logout`: its answer means that the role is saved. When that fails, the session
 * goes on as it was and the client may try again.
 */
export function createLogOut(options: LogOutOptions) {
  const { sessions, topics, peer, releaser, retry, ids, log } = options
  return async (session: Session): Promise<Record<string, never>> => {
    const login = endedLogin(session, 'LOGGED_OUT')
    if (login === undefined) return {}
    await releaser.release(login, retry)
    emitClosed(peer, session, login)
    const { uid, sessionId, rids } = login
    topics.release(session)
    session.connection.unsubscribeAll()
    sessions.renew(session, ids.next())
    log.info({ uid, sessionId, rids }, 'logged out')
    return {}
  }
}
