import { HydraError, routes } from '@hydra/protocol'
import type { RpcPeer } from '@hydra/rpc'
import type { Clock, Counter, Logger } from '@hydra/runtime'
import type { ActorSession } from '../actor/role-session.ts'
import { retry, type Backoff } from '../actor/retry.ts'
import { sceneTopics } from '../scene/host/scene-topics.ts'
import { roleTopic } from './tell-role.ts'

/** What joining needs. */
export interface RoleTopicOptions {
  readonly peer: Pick<RpcPeer, 'call'>
  readonly clock: Clock
  readonly random: () => number
  readonly log: Logger
  /** Counts failures by `code`. */
  readonly failures: Counter
  /** Bound of one call to a gate; a role's other requests wait meanwhile. */
  readonly timeoutMs: number
  readonly attemptsMax: number
  readonly backoff: Backoff
}

/**
 * Lets the session that plays a role receive what is for its player alone. Playing must not depend on it: a gate that
 * cannot be told is logged and counted, and gone on without; entering a scene is the next occasion.
 */
export class RoleTopic {
  readonly #options: RoleTopicOptions

  constructor(options: RoleTopicOptions) {
    this.#options = options
  }

  /**
   * A session has entered a role: it receives that role's pushes instead of those of a former one. Never rejects.
   *
   * @param former the role that the session has played until now; the scene that it was in is not received any more either
   */
  async joined(rid: string, { gateId, sessionId }: ActorSession, former = rid): Promise<void> {
    const { peer, clock, random, log, failures, timeoutMs, attemptsMax, backoff } = this.#options
    const body = {
      sessionId,
      topics: [roleTopic(rid)],
      insteadOf: former === rid ? ['role-'] : ['role-', sceneTopics],
    }
    try {
      await retry(() => peer.call(routes.gate.topic.join, body, { to: { server: gateId }, timeoutMs }), {
        clock,
        random,
        backoff,
        signal: new AbortController().signal,
        onFailure: (error, attempt) =>
          attempt < attemptsMax && error instanceof HydraError && error.retryable && !isGone(error),
      })
    } catch (err) {
      failures.inc({ code: HydraError.from(err).code })
      if (!isGone(err)) log.warn({ rid, gateId, sessionId, err }, 'a session may miss what is for its role')
    }
  }
}

/** A gate that has left the cluster took its sessions with it. */
export const isGone = (error: unknown): boolean =>
  HydraError.hasCode(error, 'SERVER_GONE') || HydraError.hasCode(error, 'NO_SERVER')
