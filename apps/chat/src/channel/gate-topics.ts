import { HydraError, routes, type ErrorCode } from '@hydra/protocol'
import type { RpcPeer } from '@hydra/rpc'
import type { Logger } from '@hydra/runtime'

/** A session and the gate that holds its connection. */
export interface GateSession {
  readonly sessionId: string
  readonly gateId: string
}

/** How sessions join. */
export interface JoinOptions {
  /** The session leaves its topics that begin with one of these and are not among those that it joins. */
  readonly insteadOf?: readonly string[]
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
   * Lets a session receive what is published to topics, at most 64, from now on. Answers whether its gate still has it.
   *
   * @throws HydraError `TIMEOUT`, `SERVER_BUSY` and the like: whether it has joined is unknown.
   */
  async join(
    { gateId, sessionId }: GateSession,
    topics: readonly string[],
    { insteadOf = [] }: JoinOptions = {},
  ): Promise<boolean> {
    try {
      const body = { sessionId, topics: [...topics], insteadOf: [...insteadOf] }
      const { found } = await this.#peer.call(routes.gate.topic.join, body, this.#to(gateId))
      return found
    } catch (error) {
      if (isGone(error)) return false
      throw error
    }
  }

  /**
   * {@link join} of what belongs to a group of roles: a session that watches as many roles as its gate allows, and so has
   * no room for more topics, must not keep the rest of the group waiting.
   *
   * @throws HydraError as {@link join}.
   */
  async joinIfRoom(session: GateSession, topics: readonly string[]): Promise<void> {
    try {
      await this.join(session, topics)
    } catch (err) {
      if (!HydraError.hasCode(err, 'RATE_LIMITED')) throw err
      const { gateId, sessionId } = session
      this.#log.warn({ gate: gateId, sessionId, topics, err }, 'a session has no room for topics of its role')
    }
  }

  /**
   * Stops delivering topics to a session. A session or gate that is gone receives nothing as it is.
   *
   * @throws HydraError `TIMEOUT` and the like: it may still receive them, so this is to be done again.
   */
  async leave({ gateId, sessionId }: GateSession, topics: readonly string[]): Promise<void> {
    try {
      const body = { sessionId, topics: [...topics] }
      await this.#peer.call(routes.gate.topic.leave, body, this.#to(gateId))
    } catch (error) {
      if (!isGone(error)) throw error
    }
  }

  /** {@link leave} of a session that is over, or nearly so: where it fails nobody comes back to it. */
  async leaveOrLog(session: GateSession, topics: readonly string[]): Promise<void> {
    try {
      await this.leave(session, topics)
    } catch (err) {
      const { gateId, sessionId } = session
      this.#log.warn({ gateId, sessionId, err }, 'a session may still receive topics it left')
    }
  }

  #to(gateId: string) {
    return { to: { server: gateId }, timeoutMs: this.#timeoutMs }
  }
}

const goneCodes: ReadonlySet<ErrorCode> = new Set(['SERVER_GONE', 'NO_SERVER'])

/** A gate that has left the cluster took its sessions with it. */
const isGone = (error: unknown): boolean => error instanceof HydraError && goneCodes.has(error.code)
