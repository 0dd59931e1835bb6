import {
  HydraError,
  type PayloadOf,
  type Push,
  type RequestOf,
  type ResponseOf,
  type Route,
} from '@hydra/protocol'
import type { TestGate, TestSession } from './test-gate.ts'

/**
 * A client of a test gate: requests go to the game server that has its role, and follow it once when it is elsewhere, as
 * those of a real gate do.
 */
export class GateClient {
  readonly session: TestSession
  readonly #gate: TestGate
  /** The game server that it is bound to. */
  server: string

  constructor(gate: TestGate, session: TestSession, server: string) {
    this.#gate = gate
    this.session = session
    this.server = server
  }

  async request<R extends Route>(route: R, body: RequestOf<R>): Promise<ResponseOf<R>> {
    try {
      return await this.#gate.request(this.session, route, body, this.server)
    } catch (error) {
      if (!this.#follows(error)) throw error
      return await this.#gate.request(this.session, route, body, this.server)
    }
  }

  on<P extends Push>(push: P, listener: (payload: PayloadOf<P>) => void): () => void {
    return this.#gate.topics.on(this.session.sessionId, push, listener)
  }

  /** What it has received of a kind of pushes, from now on. */
  collect<P extends Push>(push: P): PayloadOf<P>[] {
    const received: PayloadOf<P>[] = []
    this.on(push, (payload) => received.push(payload))
    return received
  }

  #follows(error: unknown): boolean {
    if (!(error instanceof HydraError)) return false
    const { registry } = this.#gate.cluster
    const named = error.code === 'ROLE_ELSEWHERE' ? error.metadata?.['server'] : undefined
    const isGone = error.code === 'SHUTTING_DOWN' || error.code === 'SERVER_GONE'
    const next = isGone
      ? registry.list('game').find(({ id, state }) => id !== this.server && state === 'ready')?.id
      : named
    if (typeof next !== 'string' || registry.get(next) === undefined) return false
    this.server = next
    return true
  }
}
