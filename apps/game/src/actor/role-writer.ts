import type { RoleQueue } from '@hydra/persistence'
import { HydraError, type ErrorCode } from '@hydra/protocol'
import { toSnapshot } from '../role/role-data.ts'
import type { RoleState } from '../role/role.ts'

/** A role that this server owns, with the epoch under which it may be written. */
export interface LoadedRole {
  readonly state: RoleState
  readonly epoch: number
}

/** A role during one job of its mailbox: nobody else reads or changes it meanwhile. Not to be kept after the job. */
export interface RoleTurn {
  readonly state: RoleState
  /**
   * Applies a rule. Resolves with the new state when it is safe from a crash; until then, and when storing fails,
   * {@link state} stays what it was. A rule that answers the state it was given changes nothing.
   *
   * @throws HydraError `SERVER_BUSY`, `STORAGE_UNAVAILABLE`, `ROLE_ELSEWHERE`, `PAYLOAD_TOO_LARGE`.
   */
  change(rule: (state: RoleState) => RoleState): Promise<RoleState>
}

/** A role in memory and its way to the stores. */
export class RoleWriter implements RoleTurn {
  readonly epoch: number
  readonly #queue: Pick<RoleQueue, 'push' | 'flush'>
  #state: RoleState
  /** Of the newest snapshot handed to the queue, acknowledged or not: no two snapshots share a version. */
  #lastVersion: number
  /** A snapshot that was not acknowledged may be stored all the same; the state must be stored again above it. */
  #unsettled = false
  #fenced = false

  constructor(queue: Pick<RoleQueue, 'push' | 'flush'>, role: LoadedRole) {
    this.epoch = role.epoch
    this.#queue = queue
    this.#state = role.state
    this.#lastVersion = role.state.version
  }

  get state(): RoleState {
    return this.#state
  }

  /** Whether another server owns the role by now. */
  get fenced(): boolean {
    return this.#fenced
  }

  /** Refuses all further changes: a job that still runs must not write under an epoch that is over. */
  fence(): void {
    this.#fenced = true
  }

  async change(rule: (state: RoleState) => RoleState): Promise<RoleState> {
    const next = rule(this.#state)
    if (next !== this.#state) await this.#store(next)
    return this.#state
  }

  /** Resolves when the database has the state. @throws HydraError `ROLE_ELSEWHERE`, `STORAGE_UNAVAILABLE`. */
  async save(): Promise<void> {
    if (this.#unsettled) await this.#store(this.#state)
    await this.#queue.flush(this.#state.rid)
  }

  async #store(next: RoleState): Promise<void> {
    if (this.#fenced) {
      const { rid } = this.#state
      throw new HydraError('ROLE_ELSEWHERE', 'Another game server owns the role by now.', {
        metadata: { rid },
      })
    }
    const state = { ...next, version: ++this.#lastVersion }
    try {
      await this.#queue.push(toSnapshot(state, this.epoch))
    } catch (error) {
      this.#unsettled ||= !hasCode(error, 'SERVER_BUSY')
      this.#fenced ||= hasCode(error, 'ROLE_ELSEWHERE')
      throw error
    }
    this.#unsettled = false
    this.#state = state
  }
}

/** Whether something caught is an error of ours with this code. */
export const hasCode = (error: unknown, code: ErrorCode): error is HydraError =>
  error instanceof HydraError && error.code === code
