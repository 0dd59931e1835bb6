import { HydraError, routes, type InternalRoute, type RequestOf, type ResponseOf } from '@hydra/protocol'
import type { RpcPeer } from '@hydra/rpc'
import type { Clock, Counter, Ids, Logger } from '@hydra/runtime'
import type { ActorSession } from '../actor/role-session.ts'
import { retry, type Backoff } from '../actor/retry.ts'
import type { RoleState } from './role.ts'

/** What the link to chat needs. */
export interface ChatLinkOptions {
  readonly peer: Pick<RpcPeer, 'call'>
  readonly clock: Clock
  readonly ids: Ids
  readonly random: () => number
  readonly log: Logger
  /** Counts failures by `route` and `code`. */
  readonly failures: Counter
  readonly timeoutMs: number
  /** How often {@link ChatLink.left} is tried: after that chat finds out by itself, at its next look at who is there. */
  readonly leaveAttemptsMax: number
  /** How often {@link ChatLink.announce} and {@link ChatLink.teamChanged} are tried. */
  readonly tellAttemptsMax: number
  readonly backoff: Backoff
}

/** What became of telling chat: `later`, where another try may help; `never`, where chat has refused it for good. */
export type Telling = 'told' | 'later' | 'never'

/** What {@link ChatLink.announce} says. */
export type Announcement = RequestOf<typeof routes.chat.system.announce>

/**
 * Tells chat about roles and teams, and speaks there. Playing must not depend on chat: a call that fails is logged and counted, and gone on
 * without. A client that chat does not know is told `CHAT_NOT_JOINED` there and may join by itself.
 */
export class ChatLink {
  readonly #options: ChatLinkOptions

  constructor(options: ChatLinkOptions) {
    this.#options = options
  }

  /**
   * A role entered: chat marks it online and joins its session to its channels.
   *
   * @param options `again`: it could not be told before, which was logged then; that it still cannot be told is no warning
   */
  async entered(role: RoleState, session: ActorSession, { again = false } = {}): Promise<Telling> {
    const { rid, uid, name, level } = role
    const { gateId, sessionId, epoch: sessionEpoch } = session
    const body = { rid, uid, name, level, gateId, sessionId, sessionEpoch }
    const { enter } = routes.chat.presence
    try {
      await this.#call(enter, uid, body, 1)
      return 'told'
    } catch (thrown) {
      const telling = mayHelpLater(thrown) ? 'later' : 'never'
      this.#failed(enter, uid, thrown, again && telling === 'later' ? 'debug' : 'warn')
      return telling
    }
  }

  /** A role has another name or level: what it says from now on, and its alliance, show that. */
  async updated({ rid, uid, name, level }: RoleState): Promise<void> {
    await this.#tell(routes.chat.presence.update, uid, { rid, name, level }, 1)
  }

  /** A role left: chat marks it offline, unless a newer session has entered it. */
  async left(rid: string, uid: string, session: Omit<ActorSession, 'gateId'>): Promise<void> {
    const { sessionId, epoch: sessionEpoch } = session
    const body = { rid, sessionId, sessionEpoch }
    await this.#tell(routes.chat.presence.leave, uid, body, this.#options.leaveAttemptsMax)
  }

  /**
   * Says something in the name of the system: to everybody, or in the channel named. Sent again after a failure, it is
   * said once, by its `messageId`. Answers the number of the message, `undefined` when chat could not be told.
   *
   * @example await chat.announce({ text: 'The fair begins in five minutes.' })
   */
  async announce(announcement: Announcement): Promise<number | undefined> {
    const body = { ...announcement, messageId: announcement.messageId ?? this.#options.ids.next() }
    const key = announcement.channel ?? 'system'
    const said = await this.#tell(routes.chat.system.announce, key, body, this.#options.tellAttemptsMax)
    return said?.seq
  }

  /**
   * A team has other members; nobody: it is no more. An older version than chat has heard of changes nothing, so that
   * after a failure the next change mends it. Answers whether chat has been told.
   *
   * @example await chat.teamChanged({ teamId, version: 2, rids: ['r1', 'r2'] })
   */
  async teamChanged(team: RequestOf<typeof routes.chat.team.update>): Promise<boolean> {
    const told = await this.#tell(routes.chat.team.update, team.teamId, team, this.#options.tellAttemptsMax)
    return told !== undefined
  }

  /** As {@link #call}; `undefined` when chat could not be told. */
  async #tell<R extends InternalRoute>(
    route: R,
    key: string,
    body: RequestOf<R>,
    attemptsMax: number,
  ): Promise<ResponseOf<R> | undefined> {
    try {
      return await this.#call(route, key, body, attemptsMax)
    } catch (thrown) {
      this.#failed(route, key, thrown, 'warn')
      return undefined
    }
  }

  /** Calls under one key, which for roles is their account, go to one chat server, in the order in which they are made. */
  #call<R extends InternalRoute>(
    route: R,
    key: string,
    body: RequestOf<R>,
    attemptsMax: number,
  ): Promise<ResponseOf<R>> {
    const { peer, clock, random, timeoutMs, backoff } = this.#options
    return retry(() => peer.call(route, body, { to: { type: 'chat', key }, timeoutMs }), {
      clock,
      random,
      backoff,
      signal: new AbortController().signal,
      onFailure: (error, attempt) => attempt < attemptsMax && isWorthRetrying(error),
    })
  }

  #failed({ name }: InternalRoute, key: string, err: unknown, level: 'warn' | 'debug'): void {
    const { log, failures } = this.#options
    failures.inc({ route: name, code: HydraError.from(err).code })
    log[level]({ key, route: name, err }, 'chat could not be told; going on without')
  }
}

/** A defect is no refusal: the next try, or another chat server, may do without it. */
export function mayHelpLater(thrown: unknown): boolean {
  const { code, retryable } = HydraError.from(thrown)
  return retryable || code === 'INTERNAL'
}

/** Without any chat server there is nobody to wait for; a role that leaves should not. */
const isWorthRetrying = (error: unknown): boolean =>
  error instanceof HydraError && error.retryable && !HydraError.hasCode(error, 'NO_SERVER')
