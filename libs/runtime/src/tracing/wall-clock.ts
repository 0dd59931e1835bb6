import type { Clock } from '../clock.ts'

/** How far the two clocks may be apart before the machine's counts again: it was set, or they have drifted. */
const apartMs = 20

/**
 * The time since 1970 with the resolution of the monotonic clock: spans are shorter than a millisecond, and none may end
 * before it began.
 */
export class WallClock {
  readonly #clock: Clock
  #offsetMs: number

  constructor(clock: Clock) {
    this.#clock = clock
    this.#offsetMs = clock.nowMs() - clock.monotonicMs()
  }

  /** Milliseconds since 1970, with fractions. */
  nowMs(): number {
    const monotonicMs = this.#clock.monotonicMs()
    const offsetMs = this.#clock.nowMs() - monotonicMs
    if (Math.abs(offsetMs - this.#offsetMs) > apartMs) this.#offsetMs = offsetMs
    return monotonicMs + this.#offsetMs
  }
}
