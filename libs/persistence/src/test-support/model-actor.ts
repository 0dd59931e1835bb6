import { HydraError } from '@hydra/protocol'
import { delay, type Clock } from '@hydra/runtime'
import type { OwnedRole, RoleOwnership } from '../role-ownership/role-ownership.ts'
import type { Roles } from '../repositories/roles.ts'
import type { RoleQueue } from '../role-queue/role-queue.ts'
import type { RoleSnapshot } from '../role-snapshot.ts'
import { RoleWriter, type LoadedRole } from '../role-writer/role-writer.ts'
import { modelSnapshot, updatesOf } from './model-roles.ts'

/** What an actor of the model needs of its server, and tells it. */
export interface ModelHost {
  readonly clock: Clock
  readonly roles: Pick<Roles, 'find'>
  readonly ownership: RoleOwnership
  readonly queue: RoleQueue
  /** A role was taken, for the first time or once more. */
  taken(owned: OwnedRole, again: boolean): void
  /** Notes where things stand before a snapshot is pushed; what it answers is called when that is acknowledged. */
  pushing(snapshot: RoleSnapshot): () => void
  /** Notes where things stand before a role is given up; what it answers is called when that is done. */
  releasing(saved: OwnedRole): () => void
  ended(actor: ModelActor): void
}

/** A role of the model in memory. */
interface State {
  readonly rid: string
  readonly version: number
  readonly updates: readonly number[]
}

const toSnapshot = ({ rid, version, updates }: State, epoch: number): RoleSnapshot =>
  modelSnapshot(rid, epoch, version, updates)

const stateOf = ({ snapshot, journalled }: OwnedRole): LoadedRole<State> => ({
  state: { rid: snapshot.rid, version: snapshot.version, updates: updatesOf(snapshot) },
  epoch: snapshot.epoch,
  journalled,
})

const updated =
  (update: number) =>
  (state: State): State => ({ ...state, updates: [...state.updates, update] })

/** How long a step of a leave that failed waits for its next try. */
const leavePauseMs = 100

/** One role in memory: its jobs take turns, and it loads, changes and leaves as the game server's `RoleActor` does. */
export class ModelActor {
  readonly rid: string
  readonly #host: ModelHost
  readonly #queue: Pick<RoleQueue, 'push' | 'flush'>
  #stage: 'loading' | 'active' | 'leaving' | 'gone' = 'loading'
  #writer: RoleWriter<State> | undefined
  #last: Promise<unknown>
  #depth = 0
  /** A retake has begun and has not succeeded: its epoch may be in the row, and then this actor is fenced off by it. */
  #retaking = false

  constructor(host: ModelHost, rid: string) {
    this.rid = rid
    this.#host = host
    // Noted before and after each push, from whichever change it comes.
    this.#queue = {
      flush: (rid) => host.queue.flush(rid),
      push: async (snapshot, options) => {
        const acknowledged = host.pushing(snapshot)
        await host.queue.push(snapshot, options)
        acknowledged()
      },
    }
    this.#last = Promise.resolve()
  }

  get epoch(): number | undefined {
    return this.#writer?.epoch
  }

  get ownership(): { readonly epoch: number; readonly journalled: boolean } | undefined {
    if (this.#writer === undefined) return undefined
    const { epoch, journalled } = this.#writer
    return { epoch, journalled }
  }

  get unsettled(): boolean {
    return this.#writer?.unsettled === true
  }

  /** Jobs that wait or run. */
  get depth(): number {
    return this.#depth
  }

  /** Whether the role is loaded and nothing has been done yet to give it up. */
  get holds(): boolean {
    return this.#stage === 'active' && this.#writer?.fenced === false && !this.#retaking
  }

  /** Loads the role; to be called first and once. @throws HydraError as `RoleOwnership.take`. */
  load(): Promise<void> {
    return this.#turn(async () => {
      try {
        const { queue, roles, ownership } = this.#host
        // An actor that was fenced off may have left behind what neither row nor journal has.
        await queue.flush(this.rid).catch(ignoreElsewhere)
        const row = await roles.find(this.rid)
        const owned = row === undefined ? undefined : await ownership.take(row)
        if (owned === undefined) throw new Error(`${this.rid} has no row`)
        this.#host.taken(owned, false)
        this.#writer = new RoleWriter({ queue: this.#queue, toSnapshot }, stateOf(owned))
        if (this.#stage === 'loading') this.#stage = 'active'
      } catch (error) {
        this.#end(false)
        throw error
      }
    })
  }

  /** Changes the role; `inMemory`: is done before the change is stored. */
  change(update: number, { inMemory }: { readonly inMemory: boolean }): Promise<void> {
    return this.#job(async (writer) => {
      const waits = !inMemory || writer.unsettled || writer.inDoubt
      if (waits) await writer.change(updated(update))
      else writer.changeInMemory(updated(update))
    })
  }

  save(): Promise<void> {
    return this.#job((writer) => writer.save())
  }

  /** Stores again what could not be stored, or takes the role once more. */
  tend({ retake }: { readonly retake: boolean }): Promise<void> {
    return this.#job((writer) => {
      return retake ? this.#retake(writer) : writer.settle()
    })
  }

  #retake(writer: RoleWriter<State>): Promise<void> {
    const { ownership } = this.#host
    const take = async () => {
      this.#retaking = true
      const owned = await ownership.retake({ rid: this.rid, epoch: writer.epoch })
      if (owned === undefined) throw new Error(`${this.rid} has no row`)
      this.#retaking = false
      this.#host.taken(owned, true)
      return stateOf(owned)
    }
    return writer.retake(take, ({ state, epoch, journalled }) =>
      ownership.release({ ...state, epoch, journalled }),
    )
  }

  /** Saves the role and gives it up. Unless it `insists`, it stays when it cannot be saved now. */
  leave({ insists }: { readonly insists: boolean }): Promise<void> {
    return this.#job(async (writer) => {
      this.#stage = 'leaving'
      try {
        await this.#untilDone(() => writer.save(), insists)
      } catch (error) {
        this.#stage = 'active'
        throw error
      }
      if (writer.inDoubt && writer.journalled) await this.#untilDone(() => this.#retake(writer), true)
      const saved = { snapshot: toSnapshot(writer.state, writer.epoch), journalled: writer.journalled }
      const released = this.#host.releasing(saved)
      const { rid, epoch, version } = saved.snapshot
      const { journalled } = saved
      await this.#untilDone(() => this.#host.ownership.release({ rid, epoch, version, journalled }), true)
      released()
      this.#end(true)
    })
  }

  /** Ends without saving, unless the role was taken again since. A leave that is under way finds out by itself. */
  fencedOff(epoch: number): void {
    if (this.#writer !== undefined && this.#writer.epoch > epoch) return
    if (this.#stage !== 'leaving') this.#end(true)
  }

  #job(work: (writer: RoleWriter<State>) => Promise<void>): Promise<void> {
    return this.#turn(async () => {
      const writer = this.#writer
      if (this.#stage !== 'active' || writer === undefined) return
      try {
        await work(writer)
      } catch (error) {
        if (HydraError.hasCode(error, 'ROLE_ELSEWHERE')) writer.fence()
        throw error
      } finally {
        if (writer.fenced) this.#end(true)
      }
    })
  }

  async #turn(work: () => Promise<void>): Promise<void> {
    this.#depth += 1
    const done = this.#last.then(work)
    this.#last = done.catch(() => {})
    try {
      await done
    } finally {
      this.#depth -= 1
    }
  }

  async #untilDone(step: () => Promise<void>, insists: boolean): Promise<void> {
    for (;;) {
      try {
        return await step()
      } catch (error) {
        if (!insists || HydraError.hasCode(error, 'ROLE_ELSEWHERE')) throw error
        await delay(this.#host.clock, leavePauseMs)
      }
    }
  }

  #end(forget: boolean): void {
    if (this.#stage === 'gone') return
    this.#stage = 'gone'
    this.#writer?.fence()
    if (forget) this.#host.queue.forget(this.rid)
    this.#host.ended(this)
  }
}

const ignoreElsewhere = (error: unknown): void => {
  if (!HydraError.hasCode(error, 'ROLE_ELSEWHERE')) throw error
}
