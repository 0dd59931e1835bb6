import type { Clock, Timer } from './clock.ts'

/** What a {@link PeriodicLook} repeats. */
export interface PeriodicLookOptions {
  readonly clock: Clock
  readonly intervalMs: number
  /** Must not reject. */
  readonly look: () => Promise<void>
}

/**
 * Looks after something from time to time, one look at a time: what comes due while a look is under way is left out.
 *
 * @example
 * const sweep = new PeriodicLook({ clock, intervalMs: 30_000, look: () => sweepOnce() })
 * sweep.start()
 */
export class PeriodicLook {
  readonly #options: PeriodicLookOptions
  #timer: Timer | undefined
  #looking: Promise<void> | undefined
  #stopped = false

  constructor(options: PeriodicLookOptions) {
    this.#options = options
  }

  /** Whether a look that is under way should come to its end. */
  get stopped(): boolean {
    return this.#stopped
  }

  start(): void {
    const { clock, intervalMs } = this.#options
    this.#timer = clock.every(intervalMs, () => void this.now())
  }

  /** Begins nothing new; whoever stops the server does not wait for what is under way. */
  stop(): void {
    this.#stopped = true
    this.#timer?.cancel()
    this.#timer = undefined
  }

  /** Looks now, or answers the look that is under way. */
  now(): Promise<void> {
    this.#looking ??= this.#options.look().finally(() => (this.#looking = undefined))
    return this.#looking
  }
}
