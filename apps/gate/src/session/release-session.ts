import { HydraError, routes, type DisconnectReason, type ResponseOf } from '@hydra/protocol'
import type { Registry, RpcPeer } from '@hydra/rpc'
import type { SessionStore } from '@hydra/persistence'
import { inTrace, type Clock, type Logger, type Tracer } from '@hydra/runtime'
import type { GateMetrics } from '../gate-metrics.ts'
import { disconnects } from './disconnects.ts'
import { retry, type RetryPolicy } from './retry.ts'
import type { Session } from './session.ts'

/** A login that is over, with what it held. */
export interface EndedLogin {
  readonly uid: string
  readonly epoch: number
  readonly sessionId: string
  readonly reason: DisconnectReason
  readonly grace: boolean
  /** Roles to leave: the one entered, and one whose enter was never answered. */
  readonly rids: readonly string[]
  /** The game server that the session was bound to. */
  readonly server: string | undefined
}

/** What there is to be released when a session ends now; `undefined`: nothing. */
export function endedLogin(session: Session, reason: DisconnectReason): EndedLogin | undefined {
  const { user, sessionId, rid, enteringRid, game } = session
  if (user === undefined) return undefined
  const rids = [...new Set([rid, enteringRid])].filter((one) => one !== undefined)
  return { ...user, sessionId, reason, grace: disconnects[reason].grace, rids, server: game?.server }
}

type LeaveState = ResponseOf<typeof routes.game.role.leave>['state']

/** What releasing needs. */
export interface ReleaseOptions {
  readonly peer: RpcPeer
  readonly registry: Registry
  readonly store: SessionStore
  readonly clock: Clock
  readonly log: Logger
  readonly metrics: Pick<GateMetrics, 'releases'>
  /** A release that nobody asked for is a trace of its own. */
  readonly tracer: Tracer
  /** Bound of one `game.role.leave`. */
  readonly leaveTimeoutMs: number
}

/**
 * Has everything that a login held given back: its roles saved and released by their game server, else its record in
 * the session store removed. Every step may be repeated.
 */
export class SessionReleaser {
  readonly #options: ReleaseOptions
  readonly #abort = new AbortController()

  constructor(options: ReleaseOptions) {
    this.#options = options
  }

  /** Ends all waits between attempts: what is not released by then is left to the game servers. */
  stop(): void {
    this.#abort.abort(new HydraError('SHUTTING_DOWN', 'The gate has stopped.'))
  }

  /** @throws HydraError of the last attempt, when none has succeeded within the policy. */
  release(login: EndedLogin, policy: RetryPolicy): Promise<void> {
    return inTrace(this.#options.tracer, 'session release', () => this.#release(login, policy))
  }

  async #release(login: EndedLogin, policy: RetryPolicy): Promise<void> {
    let releasedByGame = false
    let failure: unknown
    for (const rid of login.rids) {
      try {
        const state = await this.#repeat('role leave', { ...login, rid }, policy, () =>
          this.#leave(login, rid),
        )
        this.#options.metrics.releases.inc({ outcome: state })
        // The game server gives the record back when it has saved the role, at the end of the grace if there is one.
        if (state === 'grace' || state === 'saved') releasedByGame = true
      } catch (error) {
        failure = error
      }
    }
    // After a leave that was not heard it must go all the same: by its absence the game server's sweep finds the role.
    if (!releasedByGame) await this.#releaseRecord(login, policy)
    if (failure !== undefined) throw failure
  }

  async #releaseRecord(login: EndedLogin, policy: RetryPolicy): Promise<void> {
    const { store, metrics } = this.#options
    await this.#repeat('session record', login, policy, () => store.release(login.uid, login.sessionId))
    metrics.releases.inc({ outcome: 'record' })
  }

  async #leave({ uid, epoch, sessionId, ...login }: EndedLogin, rid: string): Promise<LeaveState> {
    const { peer, leaveTimeoutMs } = this.#options
    const { reason, grace } = login
    const { state } = await peer.call(
      routes.game.role.leave,
      { rid, uid, sessionId, sessionEpoch: epoch, reason, grace },
      { to: { server: this.#serverOf(uid, login.server) }, timeoutMs: leaveTimeoutMs },
    )
    return state
  }

  /** The bound server; when it has left the cluster, another, which may have taken the role over by now. */
  #serverOf(uid: string, bound: string | undefined): string {
    if (bound !== undefined && this.#options.registry.get(bound) !== undefined) return bound
    return this.#options.peer.pick({ type: 'game', key: uid })
  }

  async #repeat<T>(
    what: string,
    fields: EndedLogin & { readonly rid?: string },
    policy: RetryPolicy,
    attempt: () => Promise<T>,
  ): Promise<T> {
    const { clock, log, metrics } = this.#options
    const { uid, sessionId, rid, server } = fields
    const about = { what, uid, sessionId, rid, server }
    let failures = 0
    try {
      return await retry(clock, policy, this.#abort.signal, attempt, (err, delayMs) => {
        if (failures++ === 0) log.warn({ ...about, err, delayMs }, 'release failed; trying again')
      })
    } catch (err) {
      metrics.releases.inc({ outcome: 'failed' })
      log.error(
        { ...about, err, failures },
        'release given up; the sweep of the game servers will find the role',
      )
      throw err
    }
  }
}
