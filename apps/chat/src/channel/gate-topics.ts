import { HydraError, routes, type ErrorCode } from '@hydra/protocol'
import type { RpcPeer } from '@hydra/rpc'
import type { Logger } from '@hydra/runtime'
import type { Channel } from './channel.ts'

/** A session and the gate that holds its connection. */
export interface GateSession {
  readonly sessionId: string
  readonly gateId: string
}

/** Adds sessions to topics on their gates, and removes them. */
export class GateTopics {
  readonly #peer: Pick<RpcPeer, 'call'>
  readonly #log: Logger
  readonly #timeoutMs: number

  constructor(options: {
    readonly peer: Pick<RpcPeer, 'call'>
    readonly log: Logger
    readonly timeoutMs: number
  }) {
    this.#peer = options.peer
    this.#log = options.log
    this.#timeoutMs = options.timeoutMs
  }

  /**
   * Lets a session receive what is published in channels from now on. Answers whether its gate still has it.
   *
   * @throws HydraError `TIMEOUT`, `SERVER_BUSY` and the like: whether it has joined is unknown.
   */
  async join({ gateId, sessionId }: GateSession, channels: readonly Channel[]): Promise<boolean> {
    try {
      const body = { sessionId, topics: channels.map(({ topic }) => topic) }
      const { found } = await this.#peer.call(routes.gate.topic.join, body, this.#to(gateId))
      return found
    } catch (error) {
      if (isGone(error)) return false
      throw error
    }
  }

  /** Stops delivering channels to a session. A session or gate that is gone receives nothing as it is. */
  async leave({ gateId, sessionId }: GateSession, channels: readonly Channel[]): Promise<void> {
    try {
      const body = { sessionId, topics: channels.map(({ topic }) => topic) }
      await this.#peer.call(routes.gate.topic.leave, body, this.#to(gateId))
    } catch (err) {
      if (!isGone(err))
        this.#log.warn({ gateId, sessionId, err }, 'a session may still receive channels it left')
    }
  }

  #to(gateId: string) {
    return { to: { server: gateId }, timeoutMs: this.#timeoutMs }
  }
}

const goneCodes: ReadonlySet<ErrorCode> = new Set(['SERVER_GONE', 'NO_SERVER'])

/** A gate that has left the cluster took its sessions with it. */
const isGone = (error: unknown): boolean => error instanceof HydraError && goneCodes.has(error.code)
