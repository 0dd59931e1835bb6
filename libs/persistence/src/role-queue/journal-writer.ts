import { HydraError } from '@hydra/protocol'
import type { Clock, Logger } from '@hydra/runtime'
import type { Backoff } from '../backoff.ts'
import type { RoleQueueConfig } from './role-queue-config.ts'
import { isNewer, type RoleSnapshot } from '../role-snapshot.ts'
import type { RoleJournal } from '../stores/role-journal.ts'
import { isUnavailable } from '../unavailable.ts'
import { roleElsewhere } from './flusher.ts'
import type { RoleQueueMetrics } from './role-queue-metrics.ts'
import { TurnLoop } from './turn-loop.ts'
import { writeIsolated, type Outcome } from './write-isolated.ts'

/** What a {@link JournalWriter} needs. */
export interface JournalWriterDeps {
  readonly journal: Pick<RoleJournal, 'append'>
  /** The way past a journal that is away: into the database. */
  readonly saveNow: (snapshots: readonly RoleSnapshot[]) => Promise<Outcome>
  readonly config: RoleQueueConfig
  readonly clock: Clock
  readonly log: Logger
  readonly metrics: RoleQueueMetrics
  readonly backoff: Backoff
  /** Called before the push resolves. */
  readonly onJournalled: (snapshot: RoleSnapshot) => void
  readonly onFenced: (snapshot: RoleSnapshot) => void
  /** Called when the writer holds nothing of a role any more. */
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

  resolve(): void {
    this.#resolve()
  }

  reject(error: HydraError): void {
    this.#reject(error)
  }
}

/**
 * Makes snapshots safe before their change is answered: micro-batches into the journal, and straight into the
 * database while the journal is away. One batch at a time; what is pushed meanwhile forms the next one, so batches
 * grow with the load and no snapshot of a role overtakes another.
 */
export class JournalWriter {
  readonly #deps: JournalWriterDeps
  readonly #waiting = new Map<string, Push>()
  #writing = new Map<string, Push>()
  readonly #loop = new TurnLoop({ due: () => this.#waiting.size > 0, step: () => this.#writeNext() })
  /** Until when, by the monotonic clock, the journal is not tried. */
  #awayUntilMs = 0

  constructor(deps: JournalWriterDeps) {
    this.#deps = deps
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
    // A newer owner's snapshot need not have the change of the former one in it.
    waiting?.reject(roleElsewhere(snapshot.rid))
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
    for (const [rid, push] of this.#waiting) {
      if (this.#writing.size >= this.#deps.config.journalBatchMax) break
      this.#waiting.delete(rid)
      this.#writing.set(rid, push)
    }
    const batch = this.#writing
    const answers = await this.#write([...batch.values()].map(({ snapshot }) => snapshot))
    this.#writing = new Map()
    for (const [rid, push] of batch) {
      const error = answers.get(rid)
      if (error === undefined) push.resolve()
      else push.reject(error)
      if (!this.#waiting.has(rid)) this.#deps.onIdle(rid)
    }
  }

  /** Makes a batch safe; answers what went wrong, by rid. Never throws. */
  async #write(batch: readonly RoleSnapshot[]): Promise<ReadonlyMap<string, HydraError>> {
    const { metrics, clock } = this.#deps
    let journalError: unknown
    if (clock.monotonicMs() >= this.#awayUntilMs) {
      try {
        return this.#answer(await this.#toJournal(batch), 'journal')
      } catch (error) {
        journalError = error
        this.#fail(error)
      }
    }
    try {
      const outcome = await this.#deps.saveNow(batch)
      metrics.straight.inc({}, outcome.stored.length)
      return this.#answer(outcome, 'database')
    } catch (error) {
      const bothAway = new HydraError(
        'STORAGE_UNAVAILABLE',
        'Neither the journal nor the database can be reached; the change was not kept.',
        { cause: journalError === undefined ? error : new AggregateError([journalError, error]) },
      )
      return new Map(batch.map(({ rid }) => [rid, bothAway]))
    }
  }

  async #toJournal(batch: readonly RoleSnapshot[]): Promise<Outcome> {
    const { journal, clock, log, metrics, backoff, onJournalled } = this.#deps
    const startedMs = clock.monotonicMs()
    const outcome = await writeIsolated(batch, (rows) => journal.append(rows))
    if (backoff.failures > 0) log.info({}, 'the journal is back')
    backoff.reset()
    metrics.batchRoles.observe(batch.length, { stage: 'journal' })
    metrics.batchSeconds.observe((clock.monotonicMs() - startedMs) / 1_000, { stage: 'journal' })
    for (const snapshot of outcome.stored) onJournalled(snapshot)
    return outcome
  }

  #answer(outcome: Outcome, stage: 'journal' | 'database'): ReadonlyMap<string, HydraError> {
    const { log, metrics, onFenced } = this.#deps
    const errors = new Map<string, HydraError>()
    for (const snapshot of outcome.fenced) {
      errors.set(snapshot.rid, roleElsewhere(snapshot.rid))
      if (stage === 'journal') {
        metrics.fenced.inc({ stage })
        onFenced(snapshot)
      }
    }
    for (const { snapshot, error } of outcome.refused) {
      errors.set(snapshot.rid, error)
      if (stage === 'journal') metrics.refused.inc({ stage })
      log.error(
        { rid: snapshot.rid, version: snapshot.version, err: error, stage },
        'a role change was refused',
      )
    }
    return errors
  }

  #fail(error: unknown): void {
    const { backoff, clock, log, metrics } = this.#deps
    metrics.retries.inc({ stage: 'journal' })
    if (backoff.failures === 0) {
      log.warn({ err: error }, 'the journal is away; role changes go straight to the database')
    }
    this.#awayUntilMs = clock.monotonicMs() + backoff.nextMs()
    if (!isUnavailable(error)) log.error({ err: error }, 'the journal failed in an unknown way')
  }
}
