import type { Clock, Timer } from './clock.ts'

interface Pending {
  readonly callback: () => void
  readonly periodMs: number | undefined
  dueMs: number
}

/**
 * A clock that stands still until a test moves it. Timers fire in the order in which they fall due.
 *
 * @example
 * const clock = new ManualClock()
 * clock.after(100, () => fired.push('a'))
 * clock.advance(100) // fired: ['a']
 */
export class ManualClock implements Clock {
  readonly #pending = new Set<Pending>()
  #elapsedMs = 0
  readonly #startMs: number

  constructor(startMs = Date.UTC(2026, 0, 1)) {
    this.#startMs = startMs
  }

  /** How many timers are set, for tests that prove that none is left behind. */
  get pendingTimers(): number {
    return this.#pending.size
  }

  nowMs(): number {
    return this.#startMs + this.#elapsedMs
  }

  monotonicMs(): number {
    return this.#elapsedMs
  }

  after(delayMs: number, callback: () => void): Timer {
    return this.#add({ callback, periodMs: undefined, dueMs: this.#elapsedMs + delayMs })
  }

  every(periodMs: number, callback: () => void): Timer {
    if (!(periodMs > 0)) throw new RangeError(`a period of ${periodMs} ms never ends`)
    return this.#add({ callback, periodMs, dueMs: this.#elapsedMs + periodMs })
  }

  /** Moves time forward, firing each timer at its own moment. */
  advance(byMs: number): void {
    const targetMs = this.#elapsedMs + byMs
    for (let next = this.#nextDue(targetMs); next !== undefined; next = this.#nextDue(targetMs)) {
      this.#elapsedMs = Math.max(this.#elapsedMs, next.dueMs)
      if (next.periodMs === undefined) this.#pending.delete(next)
      else next.dueMs += next.periodMs
      next.callback()
    }
    this.#elapsedMs = targetMs
  }

  #add(pending: Pending): Timer {
    this.#pending.add(pending)
    return { cancel: () => void this.#pending.delete(pending) }
  }

  #nextDue(targetMs: number): Pending | undefined {
    let first: Pending | undefined
    for (const pending of this.#pending) {
      if (pending.dueMs <= targetMs && (first === undefined || pending.dueMs < first.dueMs)) first = pending
    }
    return first
  }
}
