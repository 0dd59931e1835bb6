import { HydraError } from '@hydra/protocol'
import type { RoleQueue } from '../role-queue/role-queue.ts'
import { roleElsewhere } from '../role-elsewhere.ts'
import type { RoleSnapshot } from '../role-snapshot.ts'

/** What every role's state has, whatever the game keeps in it besides. Never changed in place. */
export interface RoleStateBase {
  readonly rid: string
  /** Counts the changes; the writer sets it, rules leave it alone. */
  readonly version: number
}

/** A role that this server owns, with the epoch under which it may be written. */
export interface LoadedRole<S extends RoleStateBase> {
  readonly state: S
  readonly epoch: number
  /** Whether the journal knows the owner; see `OwnedRole`. */
  readonly journalled: boolean
}

/** A rule: answers the state as it should be. One that answers the state it was given changes nothing. */
export type RoleRule<S extends RoleStateBase> = (state: S) => S

/** What a {@link RoleWriter} needs. */
export interface RoleWriterDeps<S extends RoleStateBase> {
  readonly queue: Pick<RoleQueue, 'push' | 'flush'>
  /** The state as the stores keep it. */
  readonly toSnapshot: (state: S, epoch: number) => RoleSnapshot
}

/**
 * A role in memory and its way to the stores: numbers its changes, keeps what is acknowledged apart from what is not, and
 * carries it over to a new epoch. Its owner calls it for one change after the other.
 *
 * @example
 * const role = new RoleWriter({ queue, toSnapshot }, loaded)
 * const state = await role.change((before) => ({ ...before, level: before.level + 1 }))
 */
export class RoleWriter<S extends RoleStateBase> {
  readonly #deps: RoleWriterDeps<S>
  #state: S
  /** The newest state that was acknowledged by the queue. */
  #stored: S
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

  constructor(deps: RoleWriterDeps<S>, role: LoadedRole<S>) {
    this.#deps = deps
    this.#state = role.state
    this.#stored = role.state
    this.#epoch = role.epoch
    this.#journalled = role.journalled
    this.#lastVersion = role.state.version
  }

  get state(): S {
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

  /**
   * Applies a rule. Resolves with the new state when it is safe from a crash; until then, and when storing fails,
   * {@link state} stays what it was.
   *
   * @throws HydraError as `RoleQueue.push`.
   */
  async change(rule: RoleRule<S>): Promise<S> {
    const next = rule(this.#state)
    if (next !== this.#state) await this.#store(next)
    return this.#state
  }

  /**
   * Applies a rule and stores the result in the background. A push that fails because no store can take it leaves the
   * change in memory; it is stored with the next one, or by {@link settle}. One whose content is refused is undone,
   * because with it the role could never be stored again.
   *
   * @throws HydraError `ROLE_ELSEWHERE`.
   */
  changeInMemory(rule: RoleRule<S>): S {
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
    await this.#deps.queue.flush(this.#state.rid)
  }

  /**
   * Takes the ownership once more, for a journal that has lost sight of it. The role goes on as it was, under the new
   * epoch.
   *
   * @throws HydraError `ROLE_ELSEWHERE` when somebody else has written the role meanwhile, `STORAGE_UNAVAILABLE`.
   */
  async retake(
    take: () => Promise<LoadedRole<S>>,
    giveUp: (role: LoadedRole<S>) => Promise<void>,
  ): Promise<void> {
    await this.save()
    this.#inDoubt = true
    try {
      const again = await take()
      if (again.state.version !== this.#state.version) {
        // Somebody has played it meanwhile and given it up: this actor must not go on, and the next one takes it anew.
        this.#fenced = true
        await giveUp(again)
        throw roleElsewhere(this.#state.rid)
      }
      this.#epoch = again.epoch
      this.#journalled = again.journalled
      this.#inDoubt = false
    } catch (error) {
      this.#fenced ||= HydraError.hasCode(error, 'ROLE_ELSEWHERE')
      throw error
    }
  }

  async #store(next: S): Promise<void> {
    this.#refuseFenced()
    const state = { ...next, version: ++this.#lastVersion }
    await this.#push(state)
    this.#state = state
  }

  async #push(state: S): Promise<void> {
    try {
      await this.#deps.queue.push(this.#deps.toSnapshot(state, this.#epoch), { straight: this.#isStraight })
    } catch (error) {
      this.#unsettled ||= !HydraError.hasCode(error, 'SERVER_BUSY')
      this.#fenced ||= HydraError.hasCode(error, 'ROLE_ELSEWHERE')
      throw error
    }
    if (state.version === this.#lastVersion) this.#unsettled = false
    if (state.version > this.#stored.version) this.#stored = state
  }

  /** In doubt a takeover may still arrive that has read the journal before this change: the row has to have it by then. */
  get #isStraight(): boolean {
    return !this.#journalled || this.#inDoubt
  }

  #onLost({ version }: S, error: unknown): void {
    if (this.#stored.version > version) return
    this.#unsettled = true
    const isRefused = HydraError.hasCode(error, 'PAYLOAD_TOO_LARGE') || HydraError.hasCode(error, 'INTERNAL')
    // A change that came after it may be free of the fault; that one decides.
    if (isRefused && this.#state.version === version) this.#state = this.#stored
  }

  #refuseFenced(): void {
    if (this.#fenced) throw roleElsewhere(this.#state.rid)
  }
}
