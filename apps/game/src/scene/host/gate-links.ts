import { routes, type PayloadOf, type Push } from '@hydra/protocol'
import type { RpcPeer } from '@hydra/rpc'
import type { Logger } from '@hydra/runtime'
import { limitParallel } from '../../actor/limit-parallel.ts'
import type { ActorSession } from '../../actor/role-session.ts'
import { isGone } from '../../role/role-topic.ts'
import type { ViewerLinks } from './viewer-links.ts'

/** What the links need. */
export interface GateLinksOptions {
  readonly peer: Pick<RpcPeer, 'call' | 'publish'>
  readonly log: Logger
  /** Bound of one call to a gate. */
  readonly timeoutMs: number
  /** Calls to gates at one time; the others wait, at most one for each player in a scene, and one that leaves. */
  readonly parallel: number
}

/** Connects viewers with the gates of their sessions. */
export class GateLinks implements ViewerLinks {
  readonly joinTopics: ViewerLinks['joinTopics']
  readonly #options: GateLinksOptions
  /** Whether the last push could be sent, so that the log has one line for many. */
  #isSending = true

  constructor(options: GateLinksOptions) {
    this.#options = options
    this.joinTopics = limitParallel(options.parallel, (...call) => this.#join(...call))
  }

  publish<P extends Push>(topic: string, push: P, payload: PayloadOf<P>): void {
    try {
      this.#options.peer.publish(topic, push, payload)
      this.#isSending = true
    } catch (err) {
      if (this.#isSending) {
        this.#options.log.warn({ topic, push: push.name, err }, 'what happens in scenes cannot be sent')
      }
      this.#isSending = false
    }
  }

  async #join(
    { sessionId, gateId }: ActorSession,
    topics: readonly string[],
    insteadOf: readonly string[],
  ): Promise<{ readonly found: boolean }> {
    const { peer, timeoutMs } = this.#options
    try {
      const body = { sessionId, topics: [...topics], insteadOf: [...insteadOf] }
      return await peer.call(routes.gate.topic.join, body, { to: { server: gateId }, timeoutMs })
    } catch (error) {
      if (isGone(error)) return { found: false }
      throw error
    }
  }
}
