import type { ArchivedMessage, ChatArchive, ChatLog, Unarchived } from '@hydra/persistence'
import { inTrace, PeriodicLook, type Clock, type Logger, type Tracer } from '@hydra/runtime'
import type { ChatMetrics } from '../chat-metrics.ts'

/** What archiving needs. */
export interface ArchiverOptions {
  readonly chatLog: Pick<ChatLog, 'unarchived' | 'page' | 'archived'>
  readonly chatArchive: Pick<ChatArchive, 'add' | 'prune'>
  /** Whether this server looks after a channel. */
  readonly isHere: (channel: { readonly key: string }) => boolean
  readonly clock: Clock
  readonly log: Logger
  readonly metrics: Pick<ChatMetrics, 'archived' | 'archiveFailures'>
  /** Each statement is a trace of its own. */
  readonly tracer: Tracer
  readonly intervalMs: number
  /** Messages older than this leave the archive; 0: none do. */
  readonly keepMs: number
}

/** Channels of one look. */
const channelsMax = 1_000
/** Messages of one statement. */
const batchMax = 500
/** Until messages are looked for that are too old, when all of these have gone. */
const pruneIntervalMs = 3_600_000

/**
 * Carries messages from the log to the archive, many in one statement. Which messages wait is written in the log itself,
 * so nothing is forgotten when a server dies; two servers that carry the same ones do no harm.
 */
export class Archiver {
  readonly #options: ArchiverOptions
  readonly #looks: PeriodicLook
  #prunedAtMs = Number.NEGATIVE_INFINITY
  #failing = false
  #looking: Promise<void> | undefined

  constructor(options: ArchiverOptions) {
    const { clock, intervalMs } = options
    this.#options = options
    this.#looks = new PeriodicLook({ clock, intervalMs, look: () => (this.#looking = this.#look()) })
  }

  start(): this {
    this.#looks.start()
    return this
  }

  /** Begins no further statement; resolves when the one under way is over. What still waits, other servers archive. */
  async stop(): Promise<void> {
    this.#looks.stop()
    await this.#looking
  }

  /** Archives what waits now. */
  now(): Promise<void> {
    return this.#looks.now()
  }

  async #look(): Promise<void> {
    const { log, metrics } = this.#options
    try {
      await this.#archiveAll()
      await this.#prune()
      if (this.#failing) log.info({}, 'chat messages are archived again')
      this.#failing = false
    } catch (err) {
      metrics.archiveFailures.inc()
      // One line for each outage is enough; what waits stays in the log until it is over.
      if (!this.#failing) log.warn({ err }, 'chat messages could not be archived; trying on')
      this.#failing = true
    }
  }

  async #archiveAll(): Promise<void> {
    const { chatLog, isHere } = this.#options
    const waiting = await chatLog.unarchived(channelsMax)
    let channels = waiting.filter(({ channel }) => isHere({ key: channel }))
    while (channels.length > 0 && !this.#looks.stopped) {
      const some = channels
      channels = await inTrace(this.#options.tracer, 'chat archive', () => this.#archiveSome(some))
    }
  }

  /** Archives one statement's worth; answers what is left, with what may have more behind. */
  async #archiveSome(channels: readonly Unarchived[]): Promise<Unarchived[]> {
    const { chatLog, chatArchive, metrics } = this.#options
    const left = [...channels]
    const batch: ArchivedMessage[] = []
    const done: Unarchived[] = []
    const again: Unarchived[] = []
    while (left.length > 0 && batch.length < batchMax) {
      const { channel, archivedSeq } = left.shift() as Unarchived
      const limit = batchMax - batch.length
      const page = await chatLog.page(channel, { afterSeq: archivedSeq, limit })
      for (const message of page) batch.push({ ...message, channel })
      const lastSeq = page.at(-1)?.seq ?? archivedSeq
      done.push({ channel, archivedSeq: lastSeq })
      if (page.length === limit) again.push({ channel, archivedSeq: lastSeq })
    }
    if (batch.length > 0) await chatArchive.add(batch)
    await Promise.all(done.map(({ channel, archivedSeq }) => chatLog.archived(channel, archivedSeq)))
    metrics.archived.inc({}, batch.length)
    return [...left, ...again]
  }

  async #prune(): Promise<void> {
    const { chatArchive, clock, keepMs, isHere } = this.#options
    const nowMs = clock.monotonicMs()
    if (keepMs === 0 || nowMs - this.#prunedAtMs < pruneIntervalMs || !isHere({ key: 'archive' })) return
    // One statement in each look: what is new must not wait while years of old messages go.
    const pruned = await chatArchive.prune(clock.nowMs() - keepMs, batchMax)
    if (pruned < batchMax) this.#prunedAtMs = nowMs
  }
}
