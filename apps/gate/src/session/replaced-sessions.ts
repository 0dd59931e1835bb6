import { routes, type DisconnectReason } from '@hydra/protocol'
import type { SessionRecord, SessionStore } from '@hydra/persistence'
import type { Registry, RpcPeer } from '@hydra/rpc'
import type { Clock, Logger } from '@hydra/runtime'
import type { ParkedSessions } from '../resume/parked-sessions.ts'
import type { SessionCloser } from './close-session.ts'
import { retry, type RetryPolicy } from './retry.ts'
import type { Sessions } from './sessions.ts'

/** What ending replaced sessions needs. */
export interface ReplacedSessionsOptions {
  readonly gateId: string
  readonly store: Pick<SessionStore, 'release'>
  readonly sessions: Sessions
  readonly parked: Pick<ParkedSessions, 'drop'>
  readonly closer: SessionCloser
  readonly peer: Pick<RpcPeer, 'call'>
  readonly registry: Pick<Registry, 'connected' | 'get'>
  readonly clock: Clock
  readonly log: Logger
  /** How long a login waits for another gate to end the session that it replaces. */
  readonly kickTimeoutMs: number
  /** For the further attempts, which nobody waits for. */
  readonly retry: RetryPolicy
}

/** Whether somebody else has logged in, or the same client again after it lost its connection. */
export type ReplacedReason = Extract<DisconnectReason, 'DUPLICATE_LOGIN' | 'RESUMED'>

/** Has the sessions ended that logins replace, wherever they are. */
export class ReplacedSessions {
  readonly #options: ReplacedSessionsOptions
  readonly #abort = new AbortController()

  constructor(options: ReplacedSessionsOptions) {
    this.#options = options
  }

  /** Ends all waits between attempts; the game servers' sweep finds a session that was not told. */
  stop(): void {
    this.#abort.abort(new Error('the gate stops'))
  }

  /**
   * Resolves when the session has ended, or after the first attempt that failed; then the rest goes on behind.
   * `RESUMED`: what it leaves is kept for the same client.
   */
  async end(replaced: SessionRecord, reason: ReplacedReason): Promise<void> {
    const { gateId, sessions, parked, closer } = this.#options
    if (replaced.gateId === gateId) {
      const session = sessions.get(replaced.sessionId)
      if (session !== undefined) closer.close(session, reason)
      else if (reason === 'DUPLICATE_LOGIN') parked.drop(replaced.sessionId)
      return
    }
    try {
      await this.#kick(replaced, reason)
    } catch (err) {
      this.#kickLater(replaced, reason, err)
    }
  }

  /** Takes back a record whose login was answered with a failure although the store may have made it. */
  takeBack(uid: string, sessionId: string): void {
    const { store, clock, log } = this.#options
    retry(
      clock,
      this.#options.retry,
      this.#abort.signal,
      () => store.release(uid, sessionId),
      () => {},
    ).catch((err: unknown) =>
      log.warn({ uid, sessionId, err }, 'the record of a failed login may be left behind'),
    )
  }

  async #kick({ gateId: owner, sessionId }: SessionRecord, reason: ReplacedReason): Promise<void> {
    const { peer, registry, kickTimeoutMs } = this.#options
    // The sessions of a gate that has left are ended by the game servers; a view that is not kept up may miss a live one.
    if (registry.connected && registry.get(owner) === undefined) return
    await peer.call(
      routes.gate.session.kick,
      { sessionId, reason },
      { to: { server: owner }, timeoutMs: kickTimeoutMs },
    )
  }

  #kickLater(replaced: SessionRecord, reason: ReplacedReason, err: unknown): void {
    const { clock, log } = this.#options
    const { uid, sessionId, gateId: gate } = replaced
    log.warn(
      { uid, sessionId, gate, err },
      'the replaced session could not be ended on its gate; trying again',
    )
    retry(
      clock,
      this.#options.retry,
      this.#abort.signal,
      () => this.#kick(replaced, reason),
      () => {},
    ).catch((error: unknown) =>
      log.warn(
        { uid, sessionId, gate, err: error },
        'a replaced session was not ended; the game servers will find it',
      ),
    )
  }
}
