import type { Clock, Logger, Timer } from '@hydra/runtime'

/** What an {@link OldestWatch} looks at. */
export interface OldestWatchOptions {
  readonly clock: Clock
  readonly log: Logger
  readonly warnMs: number
  /** Age of the oldest change that the database does not have. */
  readonly oldestSeconds: () => number
  /** How many roles wait. */
  readonly dirty: () => number
}

/** How often it looks within the time after which it warns. */
const looksPerWarning = 4

/**
 * Warns while changes wait too long for the database, whatever holds them up: an outage, rows that it refuses, or one
 * that is too slow. At most one line within `warnMs`, and one more when it is over.
 */
export class OldestWatch {
  readonly #options: OldestWatchOptions
  #timer: Timer | undefined
  #warnedAtMs: number | undefined

  constructor(options: OldestWatchOptions) {
    this.#options = options
  }

  /** Something waits: looks from time to time, until {@link stop}. */
  start(): void {
    const { clock, warnMs } = this.#options
    this.#timer ??= clock.every(Math.max(1, warnMs / looksPerWarning), () => this.#look())
  }

  /** Nothing waits any more. */
  stop(): void {
    this.#timer?.cancel()
    this.#timer = undefined
    this.#over()
  }

  #look(): void {
    const { clock, log, warnMs, oldestSeconds, dirty } = this.#options
    const oldestMs = Math.round(oldestSeconds() * 1_000)
    const nowMs = clock.monotonicMs()
    if (oldestMs <= warnMs) this.#over()
    else if (this.#warnedAtMs === undefined || nowMs - this.#warnedAtMs >= warnMs) {
      this.#warnedAtMs = nowMs
      log.warn({ oldestMs, dirty: dirty() }, 'changes have been unsaved for long')
    }
  }

  #over(): void {
    if (this.#warnedAtMs === undefined) return
    this.#warnedAtMs = undefined
    this.#options.log.info({ dirty: this.#options.dirty() }, 'no change is unsaved for long any more')
  }
}
