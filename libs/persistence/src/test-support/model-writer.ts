import { HydraError, type ErrorCode } from '@hydra/protocol'
import type { OwnedRole } from '../role-ownership/role-ownership.ts'
import type { RoleQueue } from '../role-queue/role-queue.ts'
import type { RoleSnapshot } from '../role-snapshot.ts'
import { modelSnapshot, updatesOf } from './model-roles.ts'

/** A role of the model in memory. */
interface State {
  readonly version: number
  readonly updates: readonly number[]
}

/** A role in memory and its way to the stores, under the same rules as the game server's `RoleWriter`. */
export class ModelWriter {
  readonly #rid: string
  readonly #queue: Pick<RoleQueue, 'push' | 'flush'>
  readonly #pushing: (snapshot: RoleSnapshot) => () => void
  #state: State
  #epoch: number
  #journalled: boolean
  #lastVersion: number
  #unsettled = false
  #inBackground: Promise<void> = Promise.resolve()
  #fenced = false
  #inDoubt = false

  constructor(
    queue: Pick<RoleQueue, 'push' | 'flush'>,
    { snapshot, journalled }: OwnedRole,
    /** Called with each snapshot that is pushed; what it answers, when the queue has taken that. */
    pushing: (snapshot: RoleSnapshot) => () => void,
  ) {
    this.#rid = snapshot.rid
    this.#queue = queue
    this.#pushing = pushing
    this.#state = { version: snapshot.version, updates: updatesOf(snapshot) }
    this.#epoch = snapshot.epoch
    this.#journalled = journalled
    this.#lastVersion = snapshot.version
  }

  get epoch(): number {
    return this.#epoch
  }

  get journalled(): boolean {
    return this.#journalled
  }

  get inDoubt(): boolean {
    return this.#inDoubt
  }

  get fenced(): boolean {
    return this.#fenced
  }

  get unsettled(): boolean {
    return this.#unsettled
  }

  /** The role as it is to be given up: once saved, all that any store may have of it. */
  get saved(): { readonly snapshot: RoleSnapshot; readonly journalled: boolean } {
    return { snapshot: this.#snapshot(this.#state), journalled: this.#journalled }
  }

  fence(): void {
    this.#fenced = true
  }

  /** A change that is undone when it cannot be stored. */
  change(update: number): Promise<void> {
    return this.#store([...this.#state.updates, update])
  }

  /** A change that is answered before it is stored. */
  changeInMemory(update: number): void {
    this.#refuseFenced()
    this.#state = { version: ++this.#lastVersion, updates: [...this.#state.updates, update] }
    this.#inBackground = this.#push(this.#state).catch(() => {
      this.#unsettled = true
    })
  }

  async settle(): Promise<void> {
    await this.#inBackground
    if (this.#unsettled) await this.#store(this.#state.updates)
  }

  async save(): Promise<void> {
    await this.settle()
    await this.#queue.flush(this.#rid)
  }

  async retake(take: () => Promise<OwnedRole>, giveUp: (owned: OwnedRole) => Promise<void>): Promise<void> {
    await this.save()
    this.#inDoubt = true
    try {
      const owned = await take()
      if (owned.snapshot.version !== this.#state.version) {
        this.#fenced = true
        await giveUp(owned)
        throw this.#elsewhere()
      }
      this.#epoch = owned.snapshot.epoch
      this.#journalled = owned.journalled
      this.#inDoubt = false
    } catch (error) {
      this.#fenced ||= hasCode(error, 'ROLE_ELSEWHERE')
      throw error
    }
  }

  async #store(updates: readonly number[]): Promise<void> {
    this.#refuseFenced()
    const state = { version: ++this.#lastVersion, updates }
    await this.#push(state)
    this.#state = state
  }

  async #push(state: State): Promise<void> {
    const snapshot = this.#snapshot(state)
    const acknowledged = this.#pushing(snapshot)
    try {
      await this.#queue.push(snapshot, { straight: !this.#journalled || this.#inDoubt })
    } catch (error) {
      this.#unsettled ||= !hasCode(error, 'SERVER_BUSY')
      this.#fenced ||= hasCode(error, 'ROLE_ELSEWHERE')
      throw error
    }
    if (state.version === this.#lastVersion) this.#unsettled = false
    acknowledged()
  }

  #snapshot({ version, updates }: State): RoleSnapshot {
    return modelSnapshot(this.#rid, this.#epoch, version, updates)
  }

  #refuseFenced(): void {
    if (this.#fenced) throw this.#elsewhere()
  }

  #elsewhere(): HydraError {
    return new HydraError('ROLE_ELSEWHERE', `Another server owns ${this.#rid} by now.`)
  }
}

/** Whether something caught is an error of ours with this code. */
export const hasCode = (error: unknown, code: ErrorCode): error is HydraError =>
  error instanceof HydraError && error.code === code
