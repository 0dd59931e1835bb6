import { HydraError } from '@hydra/protocol'
import type { Clock, Logger } from '@hydra/runtime'
import { EncodedSnapshot } from '../encode-snapshot.ts'
import { newest, type RoleSnapshot } from '../role-snapshot.ts'
import type { RoleJournal } from '../stores/role-journal.ts'
import { isUnavailable } from '../unavailable.ts'
import { roleElsewhere } from '../role-elsewhere.ts'
import type { ChangeTraces } from './change-traces.ts'
import type { Outage } from './outage.ts'
import { PushLane, type Answers } from './push-lane.ts'
import type { RoleQueueConfig } from './role-queue-config.ts'
import type { RoleQueueMetrics } from './role-queue-metrics.ts'
import { writeIsolated, type Outcome } from './write-isolated.ts'

/** What a {@link JournalWriter} needs. */
export interface JournalWriterDeps {
  readonly journal: Pick<RoleJournal, 'append'>
  /** The way past the journal: into the database. */
  readonly saveNow: (snapshots: readonly RoleSnapshot[]) => Promise<Outcome>
  readonly config: RoleQueueConfig
  readonly clock: Clock
  readonly log: Logger
  readonly metrics: RoleQueueMetrics
  readonly outage: Outage
  readonly traces: ChangeTraces
  /** Called before the push resolves. */
  readonly onJournalled: (snapshot: RoleSnapshot) => void
  /** Called when the writer holds nothing of a role any more. */
  readonly onIdle: (rid: string) => void
}

/**
 * Makes snapshots safe before their change is answered: micro-batches into the journal, and straight into the database
 * what cannot go there, because the journal is away, or does not know the role, or refuses it. The two ways do not wait
 * for each other.
 *
 * That the journal refuses a snapshot is not final: an owner that it names may turn out not to have the role, and a
 * journal that has lost its last moments takes a role that it should know for released. The row decides, which every
 * new owner raises to its epoch before it goes on.
 */
export class JournalWriter {
  readonly #deps: JournalWriterDeps
  readonly #journalled: PushLane
  readonly #straight: PushLane

  constructor(deps: JournalWriterDeps) {
    this.#deps = deps
    const onIdle = (rid: string) => {
      if (!this.has(rid)) deps.onIdle(rid)
    }
    this.#journalled = new PushLane({
      batchMax: deps.config.journalBatchMax,
      store: (batch) => this.#toJournal(batch),
      onIdle,
    })
    this.#straight = new PushLane({
      batchMax: deps.config.flushBatchMax,
      store: (batch) => this.#toDatabase(batch),
      onIdle,
    })
  }

  /** Whether the journal failed when it was last tried. */
  get away(): boolean {
    return this.#deps.outage.active
  }

  has(rid: string): boolean {
    return this.#journalled.has(rid) || this.#straight.has(rid)
  }

  /** The newest snapshot of a role that is on its way. */
  latest(rid: string): RoleSnapshot | undefined {
    return newest(this.#journalled.latest(rid), this.#straight.latest(rid))
  }

  /** Resolves when the snapshot, or a newer one of its role, is safe. */
  write(snapshot: RoleSnapshot, straight: boolean): Promise<void> {
    // What follows one that goes straight takes the same way, so as not to overtake it.
    const lane = straight || this.#straight.has(snapshot.rid) ? this.#straight : this.#journalled
    return lane.write(snapshot)
  }

  /** Resolves when what is under way for a role now has been answered, either way. */
  async idle(rid: string): Promise<void> {
    await this.#journalled.idle(rid)
    await this.#straight.idle(rid)
  }

  /** Resolves when nothing is under way for any role. */
  async allIdle(): Promise<void> {
    await this.#journalled.allIdle()
    await this.#straight.allIdle()
  }

  async #toJournal(pushed: readonly RoleSnapshot[]): Promise<Answers> {
    // Now, and not when it was pushed: most of what busy roles push is overtaken before it is written.
    const batch = pushed.map((snapshot) => new EncodedSnapshot(snapshot))
    const { journal, clock, log, metrics, outage, traces, onJournalled } = this.#deps
    if (outage.pausing) return this.#past(batch)
    const startedMs = clock.monotonicMs()
    let outcome: Outcome
    try {
      outcome = await traces.write('journal', batch, () =>
        writeIsolated(batch, (rows) => journal.append(rows)),
      )
    } catch (error) {
      this.#fail(error)
      return this.#past(batch)
    }
    if (outage.succeeded()) log.info({}, 'the journal is back')
    metrics.batchRoles.observe(batch.length, { stage: 'journal' })
    metrics.batchSeconds.observe((clock.monotonicMs() - startedMs) / 1_000, { stage: 'journal' })
    for (const snapshot of outcome.stored) onJournalled(snapshot)
    if (outcome.refused.length > 0) metrics.refused.inc({ stage: 'journal' }, outcome.refused.length)
    if (outcome.fenced.length === 0) return this.#refused(outcome, 'journal')
    metrics.fenced.inc({ stage: 'journal' }, outcome.fenced.length)
    return new Map([...this.#refused(outcome, 'journal'), ...this.#past(outcome.fenced)])
  }

  /** Sends snapshots the other way; whoever pushed them waits for that. */
  #past(batch: readonly RoleSnapshot[]): Answers {
    return new Map(batch.map((snapshot) => [snapshot.rid, this.#straight.write(snapshot)]))
  }

  async #toDatabase(batch: readonly RoleSnapshot[]): Promise<Answers> {
    const { metrics, saveNow } = this.#deps
    try {
      const outcome = await saveNow(batch)
      metrics.straight.inc({}, outcome.stored.length)
      const fenced = outcome.fenced.map(({ rid }) => [rid, roleElsewhere(rid)] as const)
      return new Map([...this.#refused(outcome, 'database'), ...fenced])
    } catch (cause) {
      const error = new HydraError(
        'STORAGE_UNAVAILABLE',
        'The database cannot be reached, nor can the journal take the change now; send it again later.',
        { cause },
      )
      return new Map(batch.map(({ rid }) => [rid, error]))
    }
  }

  #refused({ refused }: Outcome, stage: 'journal' | 'database'): ReadonlyMap<string, HydraError> {
    for (const { snapshot, error } of refused) {
      const { rid, version } = snapshot
      this.#deps.log.error({ rid, version, err: error, stage }, 'a role change was refused')
    }
    return new Map(refused.map(({ snapshot, error }) => [snapshot.rid, error]))
  }

  #fail(error: unknown): void {
    const { outage, log, metrics } = this.#deps
    metrics.retries.inc({ stage: 'journal' })
    if (outage.failed().first) {
      log.warn({ err: error }, 'the journal is away; role changes go straight to the database')
    }
    if (!isUnavailable(error)) log.error({ err: error }, 'the journal failed in an unknown way')
  }
}
