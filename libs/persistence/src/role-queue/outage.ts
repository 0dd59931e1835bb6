import type { Clock } from '@hydra/runtime'
import type { Backoff } from '../backoff.ts'

/** What an {@link Outage} needs. */
export interface OutageOptions {
  readonly clock: Pick<Clock, 'monotonicMs'>
  readonly backoff: Backoff
  /** A failure that is older tells nothing any more, when nobody has tried since. */
  readonly forgetMs: number
}

/** Whether a store is away, as far as the last tries tell, and when it is to be tried again. */
export class Outage {
  readonly #options: OutageOptions
  #failedAtMs = Number.NEGATIVE_INFINITY
  #retryAtMs = Number.NEGATIVE_INFINITY

  constructor(options: OutageOptions) {
    this.#options = options
  }

  /** Whether the last try failed, and not long ago. */
  get active(): boolean {
    const { backoff, clock, forgetMs } = this.#options
    return backoff.failures > 0 && clock.monotonicMs() - this.#failedAtMs <= forgetMs
  }

  /** Whether it is too early for another try. */
  get pausing(): boolean {
    return this.#options.clock.monotonicMs() < this.#retryAtMs
  }

  /** Failures since the last success. */
  get failures(): number {
    return this.#options.backoff.failures
  }

  /** Notes a failure. Answers how long to pause, and whether it was the first one. */
  failed(): { readonly pauseMs: number; readonly first: boolean } {
    const { backoff, clock } = this.#options
    const first = !this.active
    const pauseMs = backoff.nextMs()
    this.#failedAtMs = clock.monotonicMs()
    this.#retryAtMs = this.#failedAtMs + pauseMs
    return { pauseMs, first }
  }

  /** Notes a success. Answers whether it ended an outage. */
  succeeded(): boolean {
    const { backoff } = this.#options
    const ended = backoff.failures > 0
    backoff.reset()
    this.#retryAtMs = Number.NEGATIVE_INFINITY
    return ended
  }
}
