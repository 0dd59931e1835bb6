import type { PayloadOf, Push } from '@hydra/protocol'
import type { ActorSession } from '../../actor/role-session.ts'

/** What viewers need of the rest of the cluster. */
export interface ViewerLinks {
  /**
   * Lets a session receive the topics, all of them from the moment of the answer on, and instead of its others that begin
   * with one of `insteadOf`. `found: false`: there is no such session any more.
   *
   * @throws whatever went wrong: which of the topics the session receives is unknown then.
   */
  joinTopics(
    session: ActorSession,
    topics: readonly string[],
    insteadOf: readonly string[],
  ): Promise<{ readonly found: boolean }>
  /** Sends a push to whoever receives the topic, in the order of the calls. Must not throw. */
  publish<P extends Push>(topic: string, push: P, payload: PayloadOf<P>): void
}

/** How viewers behave. */
export interface ViewerSettings {
  /** Steps between two signs of life of a cell in which nothing changes. */
  readonly beatTicks: number
  /** How often in a row a session is tried to be joined to its cells. */
  readonly joinAttemptsMax: number
  /** Steps before a join that failed is tried again; they double with each further failure. */
  readonly joinRetryTicks: number
}

/** Whose view it is. */
export interface ViewerIdentity {
  readonly rid: string
  readonly session: ActorSession
}

/** Is told what becomes of pushes and joins. */
export interface ViewerTallies {
  /** So many pushes of a kind were sent. */
  sent(kind: 'delta' | 'beat' | 'view', count: number): void
  /** A join has failed; `isGivenUp`: it is not tried again until the session asks. */
  joinFailed(viewer: ViewerIdentity, error: unknown, isGivenUp: boolean): void
}
