import { withSpan, type Clock, type Timer } from '@hydra/runtime'

/** What a {@link TickLoop} needs. */
export interface TickLoopOptions {
  readonly clock: Pick<Clock, 'monotonicMs' | 'after'>
  /** Milliseconds between steps. */
  readonly tickMs: number
  /** A loop that is late makes at most so many steps in a row; those due beyond are skipped. */
  readonly catchUpMax: number
  /** Makes one step; `dueMs` is its moment by the monotonic clock. Must not throw. */
  readonly step: (dueMs: number) => void
  /** Told how many steps are left out. */
  readonly onSkipped: (count: number) => void
}

/**
 * Makes steps at a fixed rate: the n-th is due `n * tickMs` after the start, however late those before it were, so that
 * the rate does not drift. A loop that is late catches up a little and gives up the rest, so that it never has more to do
 * for having been late. Steps made and steps skipped are together those that were due.
 *
 * @example
 * const loop = new TickLoop({ clock, tickMs: 100, catchUpMax: 3, step: (dueMs) => scenes.step(dueMs), onSkipped })
 * loop.start()
 */
export class TickLoop {
  readonly #options: TickLoopOptions
  #timer: Timer | undefined
  #startMs = 0
  /** Steps since the start that were made or skipped. */
  #passed = 0

  constructor(options: TickLoopOptions) {
    this.#options = options
  }

  get running(): boolean {
    return this.#timer !== undefined
  }

  /** Starts; the first step is due one `tickMs` from now. Starting twice does nothing. */
  start(): void {
    if (this.running) return
    this.#startMs = this.#options.clock.monotonicMs()
    this.#passed = 0
    // It goes on for all, not in the trace of whoever was the first to enter.
    withSpan(undefined, () => this.#wait(this.#startMs))
  }

  /** Makes no more steps, also of those that are due in the present turn. */
  stop(): void {
    this.#timer?.cancel()
    this.#timer = undefined
  }

  #wait(nowMs: number): void {
    const nextMs = this.#startMs + (this.#passed + 1) * this.#options.tickMs
    this.#timer = this.#options.clock.after(Math.max(0, nextMs - nowMs), () => this.#run())
  }

  #run(): void {
    const { clock, tickMs, catchUpMax, step, onSkipped } = this.#options
    const timer = this.#timer
    // Looked at once: what falls due while it catches up is for the next turn, or others would never get theirs.
    const due = Math.floor((clock.monotonicMs() - this.#startMs) / tickMs) - this.#passed
    const skipped = Math.max(0, due - catchUpMax)
    if (skipped > 0) {
      this.#passed += skipped
      onSkipped(skipped)
    }
    for (let left = due - skipped; left > 0 && this.#timer === timer; left--) {
      this.#passed += 1
      step(this.#startMs + this.#passed * tickMs)
    }
    if (this.#timer === timer) this.#wait(clock.monotonicMs())
  }
}
