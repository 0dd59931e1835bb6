import type { ClientClock } from '../client-clock.ts'

/** A clock that a test moves by hand. */
export class ManualClock implements ClientClock {
  readonly #timers = new Set<{ readonly dueMs: number; readonly callback: () => void }>()
  #nowMs = 0

  /** Timers that are set, for tests that prove that none is left behind. */
  get timers(): number {
    return this.#timers.size
  }

  monotonicMs(): number {
    return this.#nowMs
  }

  after(delayMs: number, callback: () => void): { cancel(): void } {
    const timer = { dueMs: this.#nowMs + delayMs, callback }
    this.#timers.add(timer)
    return { cancel: () => void this.#timers.delete(timer) }
  }

  /** Moves time forward, firing each timer at its own moment. */
  advance(byMs: number): void {
    const targetMs = this.#nowMs + byMs
    for (;;) {
      const [next] = [...this.#timers]
        .filter(({ dueMs }) => dueMs <= targetMs)
        .sort((a, b) => a.dueMs - b.dueMs)
      if (next === undefined) break
      this.#timers.delete(next)
      this.#nowMs = next.dueMs
      next.callback()
    }
    this.#nowMs = targetMs
  }
}
