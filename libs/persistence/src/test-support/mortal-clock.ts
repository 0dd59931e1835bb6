import type { Clock, Timer } from '@hydra/runtime'

/** The clock of a process that can die: from then on none of its timers fires. */
export class MortalClock implements Clock {
  readonly #clock: Clock
  readonly #timers = new Set<Timer>()
  #dead = false

  constructor(clock: Clock) {
    this.#clock = clock
  }

  nowMs(): number {
    return this.#clock.nowMs()
  }

  monotonicMs(): number {
    return this.#clock.monotonicMs()
  }

  after(delayMs: number, callback: () => void): Timer {
    return this.#own((forget) =>
      this.#clock.after(delayMs, () => {
        forget()
        callback()
      }),
    )
  }

  every(periodMs: number, callback: () => void): Timer {
    return this.#own(() => this.#clock.every(periodMs, callback))
  }

  die(): void {
    this.#dead = true
    for (const timer of this.#timers) timer.cancel()
  }

  #own(set: (forget: () => void) => Timer): Timer {
    if (this.#dead) return { cancel: () => {} }
    const forget = (): void => void this.#timers.delete(timer)
    const inner = set(forget)
    const timer = {
      cancel: () => {
        forget()
        inner.cancel()
      },
    }
    this.#timers.add(timer)
    return timer
  }
}
