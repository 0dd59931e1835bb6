import type { Clock, Timer } from '../clock.ts'
import type { Logger } from '../logger.ts'
import type { Counter, Metrics } from '../metrics.ts'
import { createSparseLog, type SparseLog } from '../sparse-log.ts'
import type { EventLogConfig } from './event-log.ts'

/** Where lines go. */
export interface LineFile {
  /** Writes whole lines after those before. Called again after a failure, it tries to open the file anew. */
  append(text: string): Promise<void>
  close(): Promise<void>
}

/** What buffering needs. */
export interface BufferedLinesOptions {
  readonly file: LineFile
  readonly config: Pick<EventLogConfig, 'bufferMaxBytes' | 'closeMs'>
  readonly clock: Clock
  readonly log: Logger
  readonly metrics: Metrics
}

/** So much is written at one time: more than a disk's pages, less than what a failure should cost. */
const batchMaxBytes = 65_536
/** After the disk has failed: doubling from the first to the second. */
const retryMinMs = 250
const retryMaxMs = 10_000

/** Lines on their way to a file, one write at a time. What there is no room for, and what a write loses, is counted. */
export class BufferedLines {
  readonly #options: BufferedLinesOptions
  readonly #warn: SparseLog
  readonly #dropped: Counter
  #waiting: { readonly line: string; readonly bytes: number }[] = []
  /** Of what waits and of what is being written. */
  #bytes = 0
  #work: Promise<void> | undefined
  #retryMs = retryMinMs
  #pause: { readonly timer: Timer; readonly end: () => void } | undefined
  #closing: Promise<void> | undefined
  #abandoned = false

  constructor(options: BufferedLinesOptions) {
    const { clock, log, metrics } = options
    this.#options = options
    this.#warn = createSparseLog(log, clock)
    this.#dropped = metrics.counter({
      name: 'hydra_event_log_dropped_total',
      help: 'Records that are in no file: the buffer was full, a write failed, the log was closed, or they were no JSON.',
      labels: ['reason'],
      known: [{ reason: 'full' }, { reason: 'failed' }],
    })
    metrics.gauge({
      name: 'hydra_event_log_buffered_bytes',
      help: 'Records that wait for the disk.',
      collect: () => this.#bytes,
    })
  }

  /** Appends what `render` answers as a line. Never throws. */
  add(render: () => string): void {
    if (this.#closing !== undefined) return this.#drop('closed', 1)
    let line: string
    try {
      line = `${render()}\n`
    } catch (err) {
      return this.#drop('unwritable', 1, err)
    }
    const bytes = Buffer.byteLength(line)
    if (this.#bytes + bytes > this.#options.config.bufferMaxBytes) return this.#drop('full', 1)
    this.#waiting.push({ line, bytes })
    this.#bytes += bytes
    this.#work ??= this.#writeAll()
  }

  /** Writes what waits, within `closeMs`; what is left then is dropped. Never rejects. */
  close(): Promise<void> {
    this.#closing ??= this.#close()
    return this.#closing
  }

  async #close(): Promise<void> {
    const { file, config, clock } = this.#options
    // One last try for what waits for a disk that has failed.
    this.#pause?.end()
    const flush = async () => {
      await this.#work
      await file.close()
    }
    let timer: Timer | undefined
    const late = new Promise<Error>((resolve) => {
      timer = clock.after(config.closeMs, () => resolve(new Error(`not done in ${config.closeMs} ms`)))
    })
    const failure: unknown = await Promise.race([
      flush().then(
        () => undefined,
        (error: unknown) => error,
      ),
      late,
    ])
    timer?.cancel()
    this.#abandoned = true
    if (this.#waiting.length > 0) this.#drop('closed', this.#waiting.length, failure)
    else if (failure !== undefined) this.#warn({ err: failure }, 'the event log was not closed in good order')
    this.#waiting = []
  }

  async #writeAll(): Promise<void> {
    while (this.#waiting.length > 0 && !this.#abandoned) {
      const batch = this.#takeBatch()
      const bytes = batch.reduce((sum, each) => sum + each.bytes, 0)
      try {
        await this.#options.file.append(batch.map(({ line }) => line).join(''))
        this.#retryMs = retryMinMs
      } catch (err) {
        // Not written again: part of it may be in the file, and what is there twice misleads more than what is missing.
        this.#drop('failed', batch.length, err)
        if (this.#closing !== undefined) break
        await this.#pauseFor(this.#retryMs)
        this.#retryMs = Math.min(this.#retryMs * 2, retryMaxMs)
      } finally {
        this.#bytes -= bytes
      }
    }
    this.#work = undefined
  }

  #takeBatch() {
    let bytes = 0
    const end = this.#waiting.findIndex((each) => (bytes += each.bytes) > batchMaxBytes)
    // A line that is larger than a batch goes by itself.
    return this.#waiting.splice(0, end === -1 ? this.#waiting.length : Math.max(end, 1))
  }

  #pauseFor(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const end = () => {
        this.#pause?.timer.cancel()
        this.#pause = undefined
        resolve()
      }
      this.#pause = { timer: this.#options.clock.after(ms, end), end }
    })
  }

  #drop(reason: 'full' | 'failed' | 'closed' | 'unwritable', count: number, err?: unknown): void {
    this.#dropped.inc({ reason }, count)
    const fields = err === undefined ? { reason, count } : { reason, count, err }
    this.#warn(fields, 'records of the event log were dropped')
  }
}
