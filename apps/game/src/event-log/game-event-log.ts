import type { ErrorMetadata } from '@hydra/protocol'
import type { Clock, EventLog } from '@hydra/runtime'
import type { ActorSession, Leave } from '../actor/role-session.ts'
import type { RoleState } from '../role/role.ts'

/** A request of a client that was refused. */
export interface RefusedRecord {
  readonly uid: string | undefined
  readonly rid: string | undefined
  readonly sessionId: string
  readonly route: string
  readonly code: string
  readonly metadata: ErrorMetadata | undefined
  /** Refusals of the same role that were left out since the one before. */
  readonly suppressed: number
}

/**
 * What game records in the event log, by type: `created`, `login`, `logout`, `online`, `ledger`, `level`, `refused`. Of
 * each role, the `ledger` records are its whole ledger, also what its pages do not keep any more.
 */
export class GameEventLog {
  readonly #eventLog: EventLog
  readonly #clock: Pick<Clock, 'nowMs'>

  constructor(eventLog: EventLog, clock: Pick<Clock, 'nowMs'>) {
    this.#eventLog = eventLog
    this.#clock = clock
  }

  /** A new role is stored. */
  created(role: RoleState): void {
    const { rid, uid, name } = role
    this.#eventLog.record('created', { rid, uid, name })
    this.#entries(role, 0)
  }

  /** A session has entered a role. */
  login({ rid, uid, name, level }: RoleState, { sessionId, gateId }: ActorSession): void {
    this.#eventLog.record('login', { rid, uid, name, level, sessionId, gateId })
  }

  /** A role has left the game; one that goes on on another server has not. */
  logout({ rid, uid, level, lastEnterAtMs }: RoleState, { reason, session }: Leave): void {
    // By wall clocks, of two machines perhaps.
    const playedMs = Math.max(0, this.#clock.nowMs() - lastEnterAtMs)
    this.#eventLog.record('logout', { rid, uid, level, sessionId: session.sessionId, reason, playedMs })
  }

  /** How many roles are played here. */
  online(roles: number): void {
    this.#eventLog.record('online', { roles })
  }

  /** A change of a role was accepted: what came and went, and whether its level is another one. */
  changed(before: RoleState, after: RoleState): void {
    if (after.ledger.seq > before.ledger.seq) this.#entries(after, before.ledger.seq)
    if (after.level === before.level) return
    const { rid, uid, level } = after
    this.#eventLog.record('level', { rid, uid, from: before.level, to: level })
  }

  /** A client asked for something that honest ones do not ask for. */
  refused(refused: RefusedRecord): void {
    this.#eventLog.record('refused', { ...refused })
  }

  /** Writes what waits. Never rejects. */
  close(): Promise<void> {
    return this.#eventLog.close()
  }

  #entries({ rid, uid, ledger }: RoleState, afterSeq: number): void {
    for (const { seq, reason, ref, changes } of ledger.entries) {
      if (seq > afterSeq) this.#eventLog.record('ledger', { rid, uid, seq, reason, ref, changes })
    }
  }
}
