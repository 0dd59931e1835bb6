import type { ClientClock } from '../client-clock.ts'

const leastMs = 250
const mostMs = 5_000

/** Milliseconds before try number `attempt + 1`: they double, up to 5 s, and are spread so that clients do not meet. */
export const backoffMs = (attempt: number, random: () => number): number =>
  Math.min(mostMs, leastMs * 2 ** Math.max(0, attempt - 1)) * (0.5 + random() / 2)

/** A wait that can be cut short. One at a time. */
export class Pause {
  readonly #clock: ClientClock
  #end: (() => void) | undefined

  constructor(clock: ClientClock) {
    this.#clock = clock
  }

  /** Resolves after `ms`, or with {@link end}. */
  wait(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = this.#clock.after(ms, () => this.end())
      this.#end = () => {
        timer.cancel()
        resolve()
      }
    })
  }

  /** Ends the wait, if there is one. */
  end(): void {
    const end = this.#end
    this.#end = undefined
    end?.()
  }
}
