import { HydraError } from '@hydra/protocol'
import type { Clock, Logger, Timer } from '@hydra/runtime'
import type { Backoff } from '../backoff.ts'
import { isNewer, type RoleSnapshot } from '../role-snapshot.ts'
import type { RoleJournal } from '../stores/role-journal.ts'
import type { RoleQueueMetrics } from './role-queue-metrics.ts'
import { TurnLoop } from './turn-loop.ts'

type Saved = Pick<RoleSnapshot, 'rid' | 'epoch' | 'version'>

interface Waiter {
  readonly resolve: () => void
  readonly reject: (error: unknown) => void
}

/** Most roles in one round trip. */
const batchMax = 1_000

/** Removes from the journal what the database has, in batches, one at a time, beside the writing of the next ones. */
export class Settler {
  readonly #journal: Pick<RoleJournal, 'settle'>
  readonly #clock: Clock
  readonly #log: Logger
  readonly #metrics: RoleQueueMetrics
  readonly #backoff: Backoff
  readonly #dueMax: number
  readonly #due = new Map<string, Saved>()
  #waiters = new Map<string, Waiter[]>()
  readonly #loop = new TurnLoop({
    due: () => this.#due.size > 0 && !this.#closed && this.#retry === undefined,
    step: () => this.#settleDue(),
  })
  #retry: Timer | undefined
  #closed = false

  constructor(deps: {
    readonly journal: Pick<RoleJournal, 'settle'>
    readonly clock: Clock
    readonly log: Logger
    readonly metrics: RoleQueueMetrics
    readonly backoff: Backoff
    /** Beyond it the oldest are left to recovery, which finds them in the journal and settles them. */
    readonly dueMax: number
  }) {
    this.#journal = deps.journal
    this.#clock = deps.clock
    this.#log = deps.log
    this.#metrics = deps.metrics
    this.#backoff = deps.backoff
    this.#dueMax = deps.dueMax
  }

  get due(): number {
    return this.#due.size
  }

  add({ rid, epoch, version }: RoleSnapshot): void {
    const saved = { rid, epoch, version }
    const waiting = this.#due.get(rid)
    if (waiting !== undefined && !isNewer(saved, waiting)) return
    this.#due.set(rid, saved)
    this.#bound()
    if (this.#retry === undefined) this.#start()
  }

  /** Resolves when nothing of this role is left to settle. Tries at once, and rejects when that fails. */
  async settled(rid: string): Promise<void> {
    if (!this.#due.has(rid)) return
    if (this.#closed) throw unsettled(rid, undefined)
    const done = new Promise<void>((resolve, reject) => {
      const waiters = this.#waiters.get(rid) ?? []
      waiters.push({ resolve, reject })
      this.#waiters.set(rid, waiters)
    })
    this.#start()
    await done
  }

  /** Resolves when nothing is left to settle, or a try failed. */
  async allSettled(): Promise<void> {
    if (this.#due.size > 0) this.#start()
    await this.#loop.idle()
  }

  /** Finishes what is due unless the journal is away, and ends the retries. */
  async close(): Promise<void> {
    await this.#loop.idle()
    this.#closed = true
    this.#retry?.cancel()
    this.#rejectAll(undefined)
  }

  #start(): void {
    if (this.#closed) return
    this.#retry?.cancel()
    this.#retry = undefined
    this.#loop.start()
  }

  async #settleDue(): Promise<void> {
    const batch: Saved[] = []
    for (const saved of this.#due.values()) {
      if (batch.length >= batchMax) break
      batch.push(saved)
    }
    const startedMs = this.#clock.monotonicMs()
    try {
      await this.#journal.settle(batch)
      this.#succeed(batch, startedMs)
    } catch (error) {
      this.#fail(error)
    }
  }

  #succeed(batch: readonly Saved[], startedMs: number): void {
    this.#backoff.reset()
    this.#metrics.batchRoles.observe(batch.length, { stage: 'settle' })
    this.#metrics.batchSeconds.observe((this.#clock.monotonicMs() - startedMs) / 1_000, { stage: 'settle' })
    for (const saved of batch) {
      if (this.#due.get(saved.rid) !== saved) continue
      this.#due.delete(saved.rid)
      for (const waiter of this.#take(saved.rid)) waiter.resolve()
    }
  }

  #fail(error: unknown): void {
    this.#metrics.retries.inc({ stage: 'settle' })
    if (this.#backoff.failures === 0) {
      this.#log.warn(
        { err: error, due: this.#due.size },
        'journal entries of saved roles cannot be removed now',
      )
    }
    this.#rejectAll(error)
    if (this.#closed) return
    this.#retry = this.#clock.after(this.#backoff.nextMs(), () => {
      this.#retry = undefined
      this.#start()
    })
  }

  #rejectAll(error: unknown): void {
    for (const rid of this.#waiters.keys()) {
      for (const waiter of this.#take(rid)) waiter.reject(unsettled(rid, error))
    }
  }

  #take(rid: string): readonly Waiter[] {
    const waiters = this.#waiters.get(rid) ?? []
    this.#waiters.delete(rid)
    return waiters
  }

  #bound(): void {
    for (const rid of this.#due.keys()) {
      if (this.#due.size <= this.#dueMax) return
      this.#due.delete(rid)
      this.#metrics.unsettledDropped.inc()
      for (const waiter of this.#take(rid)) waiter.reject(unsettled(rid, undefined))
    }
  }
}

const unsettled = (rid: string, cause: unknown): HydraError =>
  new HydraError(
    'STORAGE_UNAVAILABLE',
    `Role ${rid} is saved in the database, but its journal entry could not be removed.`,
    { cause },
  )
