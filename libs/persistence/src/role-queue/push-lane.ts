import type { HydraError } from '@hydra/protocol'
import { isNewer, type RoleSnapshot } from '../role-snapshot.ts'
import { roleElsewhere } from '../role-elsewhere.ts'
import { TurnLoop } from './turn-loop.ts'

/** What became of the snapshots of a batch, by rid: an error, or what is to be waited for; nothing for what is stored. */
export type Answers = ReadonlyMap<string, HydraError | Promise<void>>

/** What a {@link PushLane} does. */
export interface PushLaneOptions {
  readonly batchMax: number
  /** Stores a batch. Never throws. */
  readonly store: (batch: readonly RoleSnapshot[]) => Promise<Answers>
  /** Called when the lane holds nothing of a role any more. */
  readonly onIdle: (rid: string) => void
}

/** Pushes of one role that one write answers: the latest snapshot stands for all of them. */
class Push {
  snapshot: RoleSnapshot
  readonly done: Promise<void>
  #resolve!: () => void
  #reject!: (error: HydraError) => void

  constructor(snapshot: RoleSnapshot) {
    this.snapshot = snapshot
    this.done = new Promise((resolve, reject) => {
      this.#resolve = resolve
      this.#reject = reject
    })
  }

  settle(answer: HydraError | Promise<void> | undefined): void {
    if (answer === undefined) this.#resolve()
    else if (answer instanceof Promise) void answer.then(this.#resolve, this.#reject)
    else this.#reject(answer)
  }
}

/**
 * A way to a store. One batch at a time; what is pushed meanwhile forms the next one, so batches grow with the load and
 * no snapshot of a role overtakes another.
 */
export class PushLane {
  readonly #options: PushLaneOptions
  readonly #waiting = new Map<string, Push>()
  #writing = new Map<string, Push>()
  readonly #loop = new TurnLoop({ due: () => this.#waiting.size > 0, step: () => this.#writeNext() })

  constructor(options: PushLaneOptions) {
    this.#options = options
  }

  has(rid: string): boolean {
    return this.#waiting.has(rid) || this.#writing.has(rid)
  }

  /** The newest snapshot of a role that is on its way. */
  latest(rid: string): RoleSnapshot | undefined {
    return (this.#waiting.get(rid) ?? this.#writing.get(rid))?.snapshot
  }

  /** Resolves when the snapshot, or a newer one of its role, is safe. */
  write(snapshot: RoleSnapshot): Promise<void> {
    const waiting = this.#waiting.get(snapshot.rid)
    if (waiting !== undefined && waiting.snapshot.epoch === snapshot.epoch) {
      if (isNewer(snapshot, waiting.snapshot)) waiting.snapshot = snapshot
      return waiting.done
    }
    if (waiting !== undefined && waiting.snapshot.epoch > snapshot.epoch) {
      return Promise.reject(roleElsewhere(snapshot.rid))
    }
    // A newer owner's snapshot need not have the change of the former one in it.
    waiting?.settle(roleElsewhere(snapshot.rid))
    const push = new Push(snapshot)
    this.#waiting.set(snapshot.rid, push)
    this.#loop.start()
    return push.done
  }

  /** Resolves when what is under way for a role now has been answered, either way. */
  async idle(rid: string): Promise<void> {
    await (this.#waiting.get(rid) ?? this.#writing.get(rid))?.done.catch(() => {})
  }

  /** Resolves when nothing is under way for any role. */
  async allIdle(): Promise<void> {
    await this.#loop.idle()
  }

  async #writeNext(): Promise<void> {
    const { batchMax, store, onIdle } = this.#options
    for (const [rid, push] of this.#waiting) {
      if (this.#writing.size >= batchMax) break
      this.#waiting.delete(rid)
      this.#writing.set(rid, push)
    }
    const batch = this.#writing
    const answers = await store([...batch.values()].map(({ snapshot }) => snapshot))
    this.#writing = new Map()
    for (const [rid, push] of batch) {
      push.settle(answers.get(rid))
      if (!this.#waiting.has(rid)) onIdle(rid)
    }
  }
}
