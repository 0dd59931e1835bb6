import { HydraError, routes, type InternalRoute, type RequestOf } from '@hydra/protocol'
import type { RpcPeer } from '@hydra/rpc'
import type { Clock, Counter, Logger } from '@hydra/runtime'
import type { ActorSession } from '../actor/role-session.ts'
import { retry, type Backoff } from '../actor/retry.ts'
import type { RoleState } from './role.ts'

/** What the link to chat needs. */
export interface ChatLinkOptions {
  readonly peer: Pick<RpcPeer, 'call'>
  readonly clock: Clock
  readonly random: () => number
  readonly log: Logger
  /** Counts failures by `route` and `code`. */
  readonly failures: Counter
  readonly timeoutMs: number
  /** How often {@link ChatLink.left} is tried: after that the presence stays until the role next enters. */
  readonly leaveAttemptsMax: number
  readonly backoff: Backoff
}

/**
 * Tells chat about roles. Playing must not depend on chat: a call that fails is logged and counted, and gone on
 * without. A client that chat does not know is told `CHAT_NOT_JOINED` there and may join by itself.
 */
export class ChatLink {
  readonly #options: ChatLinkOptions

  constructor(options: ChatLinkOptions) {
    this.#options = options
  }

  /** A role entered: chat marks it online and joins its session to its channels. */
  async entered(role: RoleState, session: ActorSession): Promise<void> {
    const { rid, uid, name } = role
    const { gateId, sessionId, epoch: sessionEpoch } = session
    await this.#tell(routes.chat.presence.enter, uid, { rid, uid, name, gateId, sessionId, sessionEpoch }, 1)
  }

  /** A role has another name: what it says from now on carries it. */
  async renamed({ rid, uid, name }: RoleState): Promise<void> {
    await this.#tell(routes.chat.presence.rename, uid, { rid, name }, 1)
  }

  /** A role left: chat marks it offline, unless a newer session has entered it. */
  async left(rid: string, uid: string, session: Omit<ActorSession, 'gateId'>): Promise<void> {
    const { sessionId, epoch: sessionEpoch } = session
    const body = { rid, sessionId, sessionEpoch }
    await this.#tell(routes.chat.presence.leave, uid, body, this.#options.leaveAttemptsMax)
  }

  /** Calls of one account go to one chat server, in the order in which they are made here. */
  async #tell<R extends InternalRoute>(route: R, uid: string, body: RequestOf<R>, attemptsMax: number) {
    const { peer, clock, random, log, failures, timeoutMs, backoff } = this.#options
    try {
      await retry(() => peer.call(route, body, { to: { type: 'chat', key: uid }, timeoutMs }), {
        clock,
        random,
        backoff,
        signal: new AbortController().signal,
        onFailure: (error, attempt) => attempt < attemptsMax && isWorthRetrying(error),
      })
    } catch (err) {
      failures.inc({ route: route.name, code: HydraError.from(err).code })
      log.warn({ uid, route: route.name, err }, 'chat could not be told about a role; going on without')
    }
  }
}

/** Without any chat server there is nobody to wait for; a role that leaves should not. */
const isWorthRetrying = (error: unknown): boolean =>
  error instanceof HydraError && error.retryable && !HydraError.hasCode(error, 'NO_SERVER')
