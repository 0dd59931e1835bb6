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
interface Push {
  snapshot: RoleSnapshot
  /** Whether it goes past the journal. */
  readonly straight: boolean
  readonly done: Promise<void>
  readonly resolve: () => void
  readonly reject: (error: HydraError) => void
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

  /** Whether the journal failed when it was last tried. */
  get away(): boolean {
    return this.#deps.backoff.failures > 0
  }

  /** The newest snapshot of a role that is on its way. */
  latest(rid: string): RoleSnapshot | undefined {
    return (this.#waiting.get(rid) ?? this.#writing.get(rid))?.snapshot
  }

  /** Resolves when the snapshot, or a newer one of its role, is safe. */
  write(snapshot: RoleSnapshot, straight: boolean): Promise<void> {
    const waiting = this.#waiting.get(snapshot.rid)
    if (waiting !== undefined && waiting.snapshot.epoch === snapshot.epoch) {
      if (isNewer(snapshot, waiting.snapshot)) waiting.snapshot = snapshot
      return waiting.done
    }
    // A newer owner's snapshot need not have the change of the former one in it.
    waiting?.reject(roleElsewhere(snapshot.rid))
    const push = createPush(snapshot, straight)
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
    const answers = await this.#writeAll([...batch.values()])
    this.#writing = new Map()
    for (const [rid, push] of batch) {
      const error = answers.get(rid)
      if (error === undefined) push.resolve()
      else push.reject(error)
      if (!this.#waiting.has(rid)) this.#deps.onIdle(rid)
    }
  }

  async #writeAll(pushes: readonly Push[]): Promise<ReadonlyMap<string, HydraError>> {
    const snapshotsOf = (some: readonly Push[]) => some.map(({ snapshot }) => snapshot)
    const straight = pushes.filter((push) => push.straight)
    if (straight.length === 0) return this.#write(snapshotsOf(pushes))
    const journalled = pushes.filter((push) => !push.straight)
    const answers = journalled.length === 0 ? [] : await this.#write(snapshotsOf(journalled))
    return new Map([...answers, ...(await this.#toDatabase(snapshotsOf(straight), undefined))])
  }

  /** Makes a batch safe; answers what went wrong, by rid. Never throws. */
  async #write(batch: readonly RoleSnapshot[]): Promise<ReadonlyMap<string, HydraError>> {
    const { clock } = this.#deps
    let journalError: unknown
    if (clock.monotonicMs() >= this.#awayUntilMs) {
      try {
        return this.#answer(await this.#toJournal(batch), 'journal')
      } catch (error) {
        journalError = error
        this.#fail(error)
      }
    }
    return this.#toDatabase(batch, journalError)
  }

  async #toDatabase(
    batch: readonly RoleSnapshot[],
    journalError: unknown,
  ): Promise<ReadonlyMap<string, HydraError>> {
    const { metrics, saveNow } = this.#deps
    try {
      const outcome = await saveNow(batch)
      metrics.straight.inc({}, outcome.stored.length)
      return this.#answer(outcome, 'database')
    } catch (error) {
      const bothAway = new HydraError(
        'STORAGE_UNAVAILABLE',
        'The change could be kept neither in the journal nor in the database; send it again later.',
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

function createPush(snapshot: RoleSnapshot, straight: boolean): Push {
  let resolve = (): void => {}
  let reject = (_error: HydraError): void => {}
  const done = new Promise<void>((onDone, onError) => {
    resolve = onDone
    reject = onError
  })
  return { snapshot, straight, done, resolve, reject }
}
