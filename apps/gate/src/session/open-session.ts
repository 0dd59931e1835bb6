import { HydraError, routes, type ParsedRequestOf, type ResponseOf } from '@hydra/protocol'
import type { Accounts, SessionRecord, SessionStore } from '@hydra/persistence'
import type { Registry, RpcPeer } from '@hydra/rpc'
import type { Clock, Logger, SessionTokens } from '@hydra/runtime'
import type { SessionCloser } from './close-session.ts'
import type { Session } from './session.ts'
import type { Sessions } from './sessions.ts'

/** What logging in needs. */
export interface OpenSessionOptions {
  readonly gateId: string
  readonly tokens: SessionTokens
  readonly accounts: Pick<Accounts, 'findByUid'>
  readonly store: SessionStore
  readonly sessions: Sessions
  readonly closer: SessionCloser
  readonly peer: RpcPeer
  readonly registry: Registry
  readonly clock: Clock
  readonly log: Logger
  /** How long a login waits for another gate to end the session that it replaces. */
  readonly kickTimeoutMs: number
}

type Login = typeof routes.gate.session.login

/**
 * Makes the handler of `gate.session.login`: verifies the token, refuses banned accounts, makes this the account's one
 * session, and has the session that it replaces ended, wherever that is.
 */
export function createOpenSession(options: OpenSessionOptions) {
  const { gateId, tokens, accounts, store, sessions, closer, peer, registry, clock, log } = options

  const kickReplaced = async ({ uid, gateId: owner, sessionId }: SessionRecord): Promise<void> => {
    if (owner === gateId) {
      const session = sessions.get(sessionId)
      if (session !== undefined) closer.close(session, 'DUPLICATE_LOGIN')
      return
    }
    // The sessions of a gate that has left are ended by the game servers, which watch for that.
    if (registry.get(owner) === undefined) return
    try {
      await peer.call(
        routes.gate.session.kick,
        { sessionId, reason: 'DUPLICATE_LOGIN' },
        { to: { server: owner }, timeoutMs: options.kickTimeoutMs },
      )
    } catch (err) {
      // Its requests carry the older epoch and are refused; only its client does not know yet.
      log.warn({ uid, sessionId, gate: owner, err }, 'the replaced session could not be ended on its gate')
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
    const { epoch, replaced } = await store.bind({ uid, gateId, sessionId })
    session.logIn({ uid, epoch })
    if (replaced !== undefined && replaced.sessionId !== sessionId) await kickReplaced(replaced)
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
