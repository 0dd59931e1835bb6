import type { DisconnectReason } from '@hydra/protocol'
import type { Logger } from '@hydra/runtime'
import type { RpcPeer } from '@hydra/rpc'
import type { GateMetrics } from '../gate-metrics.ts'
import type { SessionTopics } from '../push/session-topics.ts'
import type { ParkedSessions } from '../resume/parked-sessions.ts'
import { encodeKick } from '../packet/encode-message.ts'
import { disconnects } from './disconnects.ts'
import { endedLogin, type SessionReleaser } from './release-session.ts'
import { emitClosed } from './session-events.ts'
import type { RetryPolicy } from './retry.ts'
import type { Session } from './session.ts'
import type { Sessions } from './sessions.ts'

/** What closing needs. */
export interface SessionCloserOptions {
  readonly sessions: Sessions
  readonly topics: Pick<SessionTopics, 'release'>
  readonly parked: Pick<ParkedSessions, 'park'>
  readonly peer: Pick<RpcPeer, 'id' | 'emit'>
  readonly releaser: SessionReleaser
  readonly retry: RetryPolicy
  /** Ended sessions that may hold something at one time; each beyond that gets one attempt instead of many. */
  readonly maxReleasing: number
  readonly log: Logger
  readonly metrics: Pick<GateMetrics, 'closes' | 'kicks'>
}

/** The single way out: every session ends here, once, with a reason that log, metric, client and game server share. */
export class SessionCloser {
  readonly #options: SessionCloserOptions
  readonly #releasing = new Set<Promise<void>>()

  constructor(options: SessionCloserOptions) {
    this.#options = options
  }

  /** Ended sessions that still hold something. */
  get releasing(): number {
    return this.#releasing.size
  }

  /** Ends a session; later calls for it do nothing. `detail` is a sentence for log and client. */
  close(session: Session, reason: DisconnectReason, detail?: string): void {
    if (session.phase === 'closed') return
    session.phase = 'closed'
    const { sessions, topics, parked, log, metrics } = this.#options
    const { sessionId, connection, rid } = session
    const uid = session.user?.uid
    log.info(
      { reason, detail, sessionId, uid, rid, remoteAddress: connection.remoteAddress },
      'session closed',
    )
    metrics.closes.inc({ reason })
    this.#disconnect(session, reason, detail)
    sessions.remove(session)
    if (!disconnects[reason].grace || !parked.park(session)) topics.release(session)
    if (session.user !== undefined || session.changing !== undefined) this.#track(session, reason)
  }

  /** Resolves when no ended session holds anything any more. */
  async settled(): Promise<void> {
    while (this.#releasing.size > 0) await Promise.all(this.#releasing)
  }

  #disconnect({ connection }: Session, reason: DisconnectReason, detail: string | undefined): void {
    const { closeCode, sentence, kick } = disconnects[reason]
    if (reason === 'SLOW_CONSUMER') return connection.terminate()
    if (kick && connection.send(encodeKick(reason, detail ?? sentence))) {
      this.#options.metrics.kicks.inc({ reason })
    }
    connection.close(closeCode, reason)
  }

  #track(session: Session, reason: DisconnectReason): void {
    const { retry, maxReleasing } = this.#options
    const policy = this.#releasing.size < maxReleasing ? retry : { ...retry, giveUpMs: 0 }
    const released = this.#release(session, reason, policy).finally(() => this.#releasing.delete(released))
    this.#releasing.add(released)
  }

  async #release(session: Session, reason: DisconnectReason, policy: RetryPolicy): Promise<void> {
    // A login, enter or logout under way decides what there is to be released.
    while (session.changing !== undefined) await session.changing
    const login = endedLogin(session, reason)
    if (login === undefined) return
    emitClosed(this.#options.peer, session, login)
    // The releaser has logged the failure; there is nobody else to tell.
    await this.#options.releaser.release(login, policy).catch(() => undefined)
  }
}
