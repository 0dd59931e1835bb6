import { HydraError } from '@hydra/protocol'
import type { Clock, Logger, Timer } from '@hydra/runtime'
import type { Roles } from '../repositories/roles.ts'
import { roleElsewhere } from '../role-elsewhere.ts'
import type { RoleSnapshot } from '../role-snapshot.ts'
import type { RoleQueueConfig } from './role-queue-config.ts'
import type { ChangeTraces } from './change-traces.ts'
import { DirtyRoles } from './dirty-roles.ts'
import type { Outage } from './outage.ts'
import type { RoleQueueMetrics } from './role-queue-metrics.ts'
import { TurnLoop } from './turn-loop.ts'
import { Turnstile } from './turnstile.ts'
import { writeIsolated, type Outcome } from './write-isolated.ts'

/** What a {@link Flusher} needs. */
export interface FlusherDeps {
  readonly roles: Pick<Roles, 'saveAll'>
  readonly config: RoleQueueConfig
  readonly clock: Clock
  readonly log: Logger
  readonly metrics: RoleQueueMetrics
  readonly outage: Outage
  readonly traces: ChangeTraces
  /** The database has this snapshot, or a newer one when `fenced`. */
  readonly onSaved: (snapshot: RoleSnapshot, fenced: boolean) => void
}

/**
 * Writes dirty roles to the database: all of them once each interval, those that somebody waits for at once. A few
 * statements at a time, but never two with the same role, so that a snapshot that the database calls old was overtaken
 * by another server, never by us.
 */
export class Flusher {
  readonly #deps: FlusherDeps
  readonly #dirty = new DirtyRoles()
  readonly #turnstile = new Turnstile()
  readonly #lanes: readonly TurnLoop[]
  /** Roles in the statements that the lanes have under way, and when each of those is over. */
  readonly #underWay = new Set<string>()
  readonly #statements = new Set<Promise<void>>()
  /** Until the next sweep. Roles that are flushed in between leave it alone: others wait for it. */
  #timer: Timer | undefined
  /** How many of the longest dirty roles the present sweep still has to write. */
  #sweepLeft = 0
  #closed = false

  constructor(deps: FlusherDeps) {
    this.#deps = deps
    // A database that is away is tried by one lane only.
    const due = (lane: number) => !this.#closed && (lane === 0 || deps.outage.failures === 0) && this.#isDue()
    this.#lanes = Array.from(
      { length: deps.config.flushParallel },
      (_, lane) =>
        new TurnLoop({
          due: () => due(lane),
          step: () => this.#turnstile.shared(() => this.#writeNext()),
          done: () => {
            if (!this.#lanes.some(({ running }) => running)) this.#await()
          },
        }),
    )
  }

  /** Whether the database failed when it was last tried. */
  get away(): boolean {
    return this.#deps.outage.active
  }

  get size(): number {
    return this.#dirty.size
  }

  has(rid: string): boolean {
    return this.#dirty.has(rid)
  }

  /** Age of the oldest change in seconds, 0 when there is none. */
  oldestSeconds(): number {
    const sinceMs = this.#dirty.oldestSinceMs()
    return sinceMs === undefined ? 0 : (this.#deps.clock.monotonicMs() - sinceMs) / 1_000
  }

  /** Takes an acknowledged snapshot. */
  add(snapshot: RoleSnapshot): void {
    this.#dirty.add(snapshot, this.#deps.clock.monotonicMs())
    if (this.#dirty.size >= this.#deps.config.flushEarlyAtRoles && this.#deps.outage.failures === 0)
      this.#sweep()
    else this.#await()
  }

  /** Resolves when the database has what is dirty of this role now. @throws HydraError as `RoleQueue.flush`. */
  async flush(rid: string): Promise<void> {
    if (!this.#dirty.has(rid)) return
    if (this.#closed) throw closed()
    const saved = this.#dirty.whenSaved(rid)
    this.#start()
    await saved
  }

  /** Writes everything that is dirty now, the refused ones too. @throws HydraError `STORAGE_UNAVAILABLE`. */
  async flushAll(): Promise<void> {
    this.#dirty.retryRefused()
    this.#sweep()
    await this.#idle()
    if (this.#deps.outage.failures > 0) throw away(undefined)
  }

  /** Writes snapshots that are in no store yet. @throws HydraError `STORAGE_UNAVAILABLE`. */
  saveNow(snapshots: readonly RoleSnapshot[]): Promise<Outcome> {
    return this.#turnstile.exclusive(async () => {
      try {
        return await this.#write(snapshots)
      } catch (error) {
        this.#fail(away(error))
        throw error
      }
    })
  }

  /** Ends the work in the background; resolves when none is under way. */
  async close(): Promise<void> {
    this.#closed = true
    this.#cancel()
    await this.#idle()
    await this.#turnstile.idle()
    this.#dirty.failAll(closed())
  }

  /** Sees to it that what is dirty is swept, once. */
  #await(delayMs = this.#deps.config.flushIntervalMs): void {
    if (this.#dirty.size === 0) this.#cancel()
    if (this.#closed || this.#timer !== undefined || this.#dirty.size === 0) return
    this.#timer = this.#deps.clock.after(delayMs, () => {
      this.#timer = undefined
      this.#sweep()
    })
  }

  #cancel(): void {
    this.#timer?.cancel()
    this.#timer = undefined
  }

  #sweep(): void {
    if (this.#closed) return
    this.#sweepLeft = this.#dirty.size
    this.#start()
  }

  #isDue(): boolean {
    return this.#dirty.urgent > 0 || this.#sweepLeft > 0
  }

  #start(): void {
    for (const lane of this.#lanes) lane.start()
  }

  async #idle(): Promise<void> {
    await Promise.all(this.#lanes.map((lane) => lane.idle()))
  }

  async #writeNext(): Promise<void> {
    const { config, clock } = this.#deps
    // Another lane may have taken it, or the database gone away, while this one waited for its turn.
    if (!this.#isDue()) return
    const max =
      this.#sweepLeft > 0 ? config.flushBatchMax : Math.min(config.flushBatchMax, this.#dirty.urgent)
    const batch = this.#dirty.next(max, clock.monotonicMs() - config.refusedRetryMs, this.#underWay)
    if (batch.length === 0) {
      // What is left has something under way: it can be taken when that is over.
      if (this.#statements.size > 0) await Promise.race(this.#statements)
      else this.#sweepLeft = 0
      return
    }
    this.#sweepLeft = Math.max(0, this.#sweepLeft - batch.length)
    for (const { rid } of batch) this.#underWay.add(rid)
    const statement = this.#writeDirty(batch)
    this.#statements.add(statement)
    await statement
    this.#statements.delete(statement)
  }

  /** Never throws. */
  async #writeDirty(batch: readonly RoleSnapshot[]): Promise<void> {
    const { clock, log, outage } = this.#deps
    const failuresBefore = outage.failures
    try {
      const outcome = await this.#write(batch)
      for (const { snapshot, error } of outcome.refused) {
        log.error({ rid: snapshot.rid, version: snapshot.version, err: error }, 'the database refuses a role')
        this.#dirty.refused(snapshot, error, clock.monotonicMs())
      }
    } catch (error) {
      const failure = away(error)
      this.#sweepLeft = 0
      this.#dirty.failed(batch, failure)
      // Statements that fail together are one failure.
      if (outage.failures === failuresBefore) this.#fail(failure)
    } finally {
      for (const { rid } of batch) this.#underWay.delete(rid)
    }
  }

  async #write(batch: readonly RoleSnapshot[]): Promise<Outcome> {
    const { roles, clock, log, metrics, outage, traces, onSaved } = this.#deps
    const startedMs = clock.monotonicMs()
    const outcome = await traces.write('database', batch, () =>
      writeIsolated(batch, (rows) => roles.saveAll(rows)),
    )
    if (outage.succeeded()) {
      log.info({ dirty: this.#dirty.size }, 'the database is back; catching up')
      // The other lanes have stopped for the outage.
      this.#start()
    }
    metrics.batchRoles.observe(batch.length, { stage: 'database' })
    metrics.batchSeconds.observe((clock.monotonicMs() - startedMs) / 1_000, { stage: 'database' })
    if (outcome.fenced.length > 0) metrics.fenced.inc({ stage: 'database' }, outcome.fenced.length)
    if (outcome.refused.length > 0) metrics.refused.inc({ stage: 'database' }, outcome.refused.length)
    for (const snapshot of outcome.stored) {
      this.#dirty.saved(snapshot, clock.monotonicMs())
      onSaved(snapshot, false)
    }
    for (const snapshot of outcome.fenced) {
      const { rid, epoch, version } = snapshot
      log.warn({ rid, epoch, version }, 'another server owns a role by now; its row stays as that has it')
      this.#dirty.drop(rid, epoch, roleElsewhere(rid))
      traces.dropped(rid, epoch)
      onSaved(snapshot, true)
    }
    return outcome
  }

  #fail(failure: HydraError): void {
    const { outage, log, metrics } = this.#deps
    metrics.retries.inc({ stage: 'database' })
    const { first, pauseMs } = outage.failed()
    if (first) log.warn({ err: failure, dirty: this.#dirty.size }, 'the database is away')
    this.#cancel()
    this.#await(pauseMs)
  }
}

const away = (cause: unknown): HydraError =>
  new HydraError('STORAGE_UNAVAILABLE', 'The database cannot be reached; roles stay in the journal.', {
    cause,
  })

const closed = (): HydraError => new HydraError('SHUTTING_DOWN', 'The role queue is closed.')
