import type { RoleQueue } from '@hydra/persistence'
import { HydraError, type ErrorCode } from '@hydra/protocol'
import { toSnapshot } from '../role/role-data.ts'
import type { RoleState } from '../role/role.ts'
import type { RoleRule, RoleTurn } from './role-turn.ts'

/** A role that this server owns, with the epoch under which it may be written. */
export interface LoadedRole {
  readonly state: RoleState
  readonly epoch: number
  /** Whether the journal knows the owner; see `OwnedRole`. */
  readonly journalled: boolean
}

/** A role in memory and its way to the stores. */
export class RoleWriter implements RoleTurn {
  readonly #queue: Pick<RoleQueue, 'push' | 'flush'>
  #state: RoleState
  /** The newest state that was acknowledged by the queue. */
  #stored: RoleState
  #epoch: number
  #journalled: boolean
  /** Of the newest snapshot handed to the queue, acknowledged or not: no two snapshots share a version. */
  #lastVersion: number
  /** A snapshot that was not acknowledged may be stored all the same; the state must be stored again above it. */
  #unsettled = false
  /** The newest change that nobody waits for. Never rejects. */
  #inBackground: Promise<void> = Promise.resolve()
  #fenced = false
  #inDoubt = false

  constructor(queue: Pick<RoleQueue, 'push' | 'flush'>, role: LoadedRole) {
    this.#queue = queue
    this.#state = role.state
    this.#stored = role.state
    this.#epoch = role.epoch
    this.#journalled = role.journalled
    this.#lastVersion = role.state.version
  }

  get state(): RoleState {
    return this.#state
  }

  get epoch(): number {
    return this.#epoch
  }

  get journalled(): boolean {
    return this.#journalled
  }

  /** Whether another server owns the role by now. */
  get fenced(): boolean {
    return this.#fenced
  }

  /** Whether a {@link retake} has failed half-way, so that the stores may have a newer epoch than this one. */
  get inDoubt(): boolean {
    return this.#inDoubt
  }

  /** Whether the stores may not have the state, because a push has failed. */
  get unsettled(): boolean {
    return this.#unsettled
  }

  /** Refuses all further changes: a job that still runs must not write under an epoch that is over. */
  fence(): void {
    this.#fenced = true
  }

  async change(rule: RoleRule): Promise<RoleState> {
    const next = rule(this.#state)
    if (next !== this.#state) await this.#store(next)
    return this.#state
  }

  changeDurably(rule: RoleRule): Promise<RoleState> {
    return this.change(rule)
  }

  /**
   * Applies a rule and stores the result in the background. A push that fails because no store can take it leaves the
   * change in memory; it is stored with the next one, or by {@link settle}. One whose content is refused is undone,
   * because with it the role could never be stored again.
   *
   * @throws HydraError `ROLE_ELSEWHERE`.
   */
  changeInMemory(rule: RoleRule): RoleState {
    const next = rule(this.#state)
    if (next === this.#state) return next
    this.#refuseFenced()
    const state = { ...next, version: ++this.#lastVersion }
    this.#state = state
    // The queue logs and counts what goes wrong.
    this.#inBackground = this.#push(state).catch((error: unknown) => this.#onLost(state, error))
    return state
  }

  /** Resolves when the stores have the state. @throws HydraError as {@link change}. */
  async settle(): Promise<void> {
    await this.#inBackground
    if (this.#unsettled) await this.#store(this.#state)
  }

  /** Resolves when the database has the state. @throws HydraError `ROLE_ELSEWHERE`, `STORAGE_UNAVAILABLE`. */
  async save(): Promise<void> {
    await this.settle()
    await this.#queue.flush(this.#state.rid)
  }

  /**
   * Takes the ownership once more, for a journal that has lost sight of it. The role goes on as it was, under the new
   * epoch.
   *
   * @throws HydraError `ROLE_ELSEWHERE` when somebody else has written the role meanwhile, `STORAGE_UNAVAILABLE`.
   */
  async retake(take: () => Promise<LoadedRole>, giveUp: (role: LoadedRole) => Promise<void>): Promise<void> {
    await this.save()
    this.#inDoubt = true
    try {
      const again = await take()
      if (again.state.version !== this.#state.version) {
        // Somebody has played it meanwhile and given it up: this actor must not go on, and the next one takes it anew.
        this.#fenced = true
        await giveUp(again)
        throw this.#elsewhere()
      }
      this.#epoch = again.epoch
      this.#journalled = again.journalled
      this.#inDoubt = false
    } catch (error) {
      this.#fenced ||= hasCode(error, 'ROLE_ELSEWHERE')
      throw error
    }
  }

  async #store(next: RoleState): Promise<void> {
    this.#refuseFenced()
    const state = { ...next, version: ++this.#lastVersion }
    await this.#push(state)
    this.#state = state
  }

  async #push(state: RoleState): Promise<void> {
    try {
      await this.#queue.push(toSnapshot(state, this.#epoch), { straight: this.#isStraight })
    } catch (error) {
      this.#unsettled ||= !hasCode(error, 'SERVER_BUSY')
      this.#fenced ||= hasCode(error, 'ROLE_ELSEWHERE')
      throw error
    }
    if (state.version === this.#lastVersion) this.#unsettled = false
    if (state.version > this.#stored.version) this.#stored = state
  }

  /** In doubt a takeover may still arrive that has read the journal before this change: the row has to have it by then. */
  get #isStraight(): boolean {
    return !this.#journalled || this.#inDoubt
  }

  #onLost({ version }: RoleState, error: unknown): void {
    if (this.#stored.version > version) return
    this.#unsettled = true
    const isRefused = hasCode(error, 'PAYLOAD_TOO_LARGE') || hasCode(error, 'INTERNAL')
    // A change that came after it may be free of the fault; that one decides.
    if (isRefused && this.#state.version === version) this.#state = this.#stored
  }

  #refuseFenced(): void {
    if (this.#fenced) throw this.#elsewhere()
  }

  #elsewhere(): HydraError {
    const { rid } = this.#state
    return new HydraError('ROLE_ELSEWHERE', 'Another game server owns the role by now.', {
      metadata: { rid },
    })
  }
}

/** Whether something caught is an error of ours with this code. */
export const hasCode = (error: unknown, code: ErrorCode): error is HydraError =>
  error instanceof HydraError && error.code === code
