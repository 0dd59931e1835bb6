import { HydraError } from '@hydra/protocol'
import { delay, inSpan, type Clock, type Logger, type Metrics } from '@hydra/runtime'
import { Backoff } from '../backoff.ts'
import type { Roles } from '../repositories/roles.ts'
import { roleQueueConfigSchema, type RoleQueueConfig } from './role-queue-config.ts'
import { isNewer, type RoleSnapshot } from '../role-snapshot.ts'
import { roleElsewhere } from '../role-elsewhere.ts'
import type { RoleJournal } from '../stores/role-journal.ts'
import { ChangeTraces } from './change-traces.ts'
import { Flusher } from './flusher.ts'
import { JournalWriter } from './journal-writer.ts'
import { Outage } from './outage.ts'
import { createRoleQueueMetrics, type RoleQueueMetrics } from './role-queue-metrics.ts'
import { OldestWatch } from './oldest-watch.ts'
import type { AwayStores, PushOptions, RoleQueue } from './role-queue.ts'
import { Settler } from './settler.ts'

/** What a role queue is made of. */
export interface RoleQueueDeps {
  readonly journal: Pick<RoleJournal, 'append' | 'settle'>
  readonly roles: Pick<Roles, 'saveAll'>
  readonly clock: Clock
  readonly log: Logger
  readonly metrics: Metrics
  /** A number in [0, 1), for the jitter of the retries: `Math.random`. */
  readonly random: () => number
  /** The defaults of {@link roleQueueConfigSchema} when absent. */
  readonly config?: RoleQueueConfig
  /**
   * Called when it turns out that a role was acquired anew, mostly by another server: an actor of this `epoch` or an
   * older one must end without saving.
   */
  readonly onFenced?: (rid: string, epoch: number) => void
}

/**
 * The write-behind queue of one game server.
 *
 * @example
 * const queue = createRoleQueue({ journal: stores.roleJournal, roles, clock, log, metrics, random: Math.random })
 * await queue.push({ ...snapshot, version: snapshot.version + 1 })
 * await queue.flush(snapshot.rid)
 */
export function createRoleQueue(deps: RoleQueueDeps): RoleQueue {
  return new WriteBehind(deps)
}

class WriteBehind implements RoleQueue {
  readonly #config: RoleQueueConfig
  readonly #clock: Clock
  readonly #onFenced: (rid: string, epoch: number) => void
  readonly #metrics: RoleQueueMetrics
  readonly #traces = new ChangeTraces()
  readonly #journalWriter: JournalWriter
  readonly #flusher: Flusher
  readonly #settler: Settler
  /** Every role of which the journal writer or the flusher holds something. */
  readonly #dirty = new Set<string>()
  /** Roles that another server owns, with the epoch up to which pushes are refused. */
  readonly #fenced = new Map<string, number>()
  /** Roles that the journal does not know, with the epoch for which that holds. */
  readonly #straight = new Map<string, number>()
  readonly #oldestWatch: OldestWatch
  #closed = false

  constructor(deps: RoleQueueDeps) {
    const { clock, log, random } = deps
    const config = deps.config ?? roleQueueConfigSchema.parse({})
    this.#config = config
    this.#clock = clock
    this.#onFenced = deps.onFenced ?? (() => {})
    this.#metrics = createRoleQueueMetrics(deps.metrics, {
      dirty: () => this.#dirty.size,
      oldestSeconds: () => this.#flusher.oldestSeconds(),
      unsettled: () => this.#settler.due,
      away: () => this.away,
    })
    const backoff = () => new Backoff({ minMs: config.retryMinMs, maxMs: config.retryMaxMs, random })
    // Longer than a pause and a try that hangs, with room to spare.
    const outage = () => new Outage({ clock, backoff: backoff(), forgetMs: 4 * config.retryMaxMs })
    const shared = { config, clock, log, metrics: this.#metrics, traces: this.#traces }
    this.#settler = new Settler({
      ...shared,
      journal: deps.journal,
      backoff: backoff(),
      dueMax: config.dirtyMax,
    })
    this.#flusher = new Flusher({
      ...shared,
      roles: deps.roles,
      outage: outage(),
      onSaved: (snapshot, fenced) => {
        if (this.#straight.get(snapshot.rid) !== snapshot.epoch) this.#settler.add(snapshot)
        if (fenced) this.#fence(snapshot)
        this.#forgetClean(snapshot.rid)
      },
    })
    this.#journalWriter = new JournalWriter({
      ...shared,
      journal: deps.journal,
      outage: outage(),
      saveNow: (snapshots) => this.#flusher.saveNow(snapshots),
      onJournalled: (snapshot) => this.#flusher.add(snapshot),
      onIdle: (rid) => this.#forgetClean(rid),
    })
    this.#oldestWatch = new OldestWatch({
      ...shared,
      warnMs: config.oldestWarnMs,
      oldestSeconds: () => this.#flusher.oldestSeconds(),
      dirty: () => this.#dirty.size,
    })
  }

  get dirty(): number {
    return this.#dirty.size
  }

  get away(): AwayStores {
    return { journal: this.#journalWriter.away, database: this.#flusher.away }
  }

  push(snapshot: RoleSnapshot, { straight = false }: PushOptions = {}): Promise<void> {
    const { rid, epoch } = snapshot
    const refusal = this.#refusal(snapshot)
    if (refusal !== undefined) return Promise.reject(refusal)
    this.#dirty.add(rid)
    this.#oldestWatch.start()
    if (straight) this.#straight.set(rid, epoch)
    // Its promise is shared by all changes that are written with this one: making one for each would cost more than they.
    return this.#traces.pushed(snapshot, () => this.#journalWriter.write(snapshot, straight))
  }

  async flush(rid: string): Promise<void> {
    await inSpan('role queue save', {}, async () => {
      await this.#journalWriter.idle(rid)
      await this.#flusher.flush(rid)
      await this.#settler.settled(rid)
    })
  }

  forget(rid: string): void {
    this.#fenced.delete(rid)
    this.#straight.delete(rid)
  }

  async drain(timeoutMs: number): Promise<{ readonly saved: number; readonly left: number }> {
    const before = this.#dirty.size
    const expired = new AbortController()
    const timer = this.#clock.after(timeoutMs, () => expired.abort())
    await Promise.race([this.#flushAll(expired.signal), aborted(expired.signal)])
    timer.cancel()
    expired.abort()
    const left = this.#dirty.size
    return { saved: Math.max(0, before - left), left }
  }

  async close(): Promise<void> {
    this.#closed = true
    this.#oldestWatch.stop()
    await this.#journalWriter.allIdle()
    await this.#flusher.close()
    await this.#settler.close()
  }

  async #flushAll(expired: AbortSignal): Promise<void> {
    const backoff = new Backoff({
      minMs: this.#config.retryMinMs,
      maxMs: this.#config.retryMaxMs,
      random: () => 0,
    })
    while (!expired.aborted && !this.#closed) {
      await this.#journalWriter.allIdle()
      const failed = await this.#flusher.flushAll().then(
        () => false,
        () => true,
      )
      if (this.#dirty.size === 0) break
      // What is left was refused, or the database is away: either may pass.
      if (failed || this.#flusher.size > 0) {
        await delay(this.#clock, backoff.nextMs(), expired).catch(() => {})
      }
    }
    await this.#settler.allSettled()
  }

  #refusal(snapshot: RoleSnapshot): HydraError | undefined {
    const { rid, epoch, version } = snapshot
    if (this.#closed)
      return new HydraError('SHUTTING_DOWN', 'The role queue is closed; the change was not kept.')
    const fencedEpoch = this.#fenced.get(rid)
    if (fencedEpoch !== undefined && epoch <= fencedEpoch) return roleElsewhere(rid)
    const latest = this.#journalWriter.latest(rid)
    if (latest !== undefined && isNewer(latest, snapshot)) {
      if (latest.epoch > epoch) return roleElsewhere(rid)
      return new HydraError(
        'INTERNAL',
        `Version ${version} of role ${rid} was pushed after ${latest.version}.`,
      )
    }
    if (this.#dirty.size < this.#config.dirtyMax || this.#dirty.has(rid)) return undefined
    this.#metrics.busy.inc()
    return new HydraError(
      'SERVER_BUSY',
      `${this.#dirty.size} roles wait to be saved; the change was not kept.`,
    )
  }

  #fence(snapshot: RoleSnapshot): void {
    const { rid, epoch } = snapshot
    const upTo = Math.max(epoch, this.#fenced.get(rid) ?? 0)
    this.#fenced.delete(rid)
    this.#fenced.set(rid, upTo)
    const [oldest] = this.#fenced.keys()
    if (this.#fenced.size > this.#config.dirtyMax && oldest !== undefined) this.#fenced.delete(oldest)
    this.#onFenced(rid, epoch)
  }

  #forgetClean(rid: string): void {
    if (this.#journalWriter.has(rid) || this.#flusher.has(rid)) return
    this.#dirty.delete(rid)
    if (this.#dirty.size === 0) this.#oldestWatch.stop()
  }
}

const aborted = (signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }))
