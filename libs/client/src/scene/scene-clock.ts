/** Arrivals are looked at for as long as this, and at most twice as long. */
const windowMs = 5_000
/** Of the time that passes, so much is used to come nearer to the estimate: nobody sees a tenth. */
const slewRate = 0.1
/** What is further off than this is not approached, but taken over. */
const stepMs = 1_000

/**
 * Which moment of the scene it is, guessed from when its steps arrive: the fastest arrival of the last seconds had the
 * least delay, all others were held up. The time told runs smoothly and never backwards, unless the guess was wrong by
 * more than a second (the server stood still, or the machine slept).
 */
export class SceneClock {
  readonly #tickMs: number
  #offsetMs: number | undefined
  #atMs = 0
  #windowEndMs = 0
  #leastMs = Infinity
  #formerLeastMs = Infinity

  constructor(options: { readonly tickMs: number }) {
    this.#tickMs = options.tickMs
  }

  /** A push about step `tick` has come. */
  arrived(tick: number, nowMs: number): void {
    if (nowMs >= this.#windowEndMs) {
      this.#formerLeastMs = nowMs >= this.#windowEndMs + windowMs ? Infinity : this.#leastMs
      this.#leastMs = Infinity
      this.#windowEndMs = nowMs + windowMs
    }
    this.#leastMs = Math.min(this.#leastMs, nowMs - tick * this.#tickMs)
    this.#slew(nowMs)
  }

  /** Milliseconds since the scene's step 0, by the server's clock; `undefined` before anything has arrived. */
  timeAt(nowMs: number): number | undefined {
    this.#slew(nowMs)
    return this.#offsetMs === undefined ? undefined : nowMs - this.#offsetMs
  }

  #slew(nowMs: number): void {
    const target = Math.min(this.#leastMs, this.#formerLeastMs)
    if (target === Infinity) return
    const offset = this.#offsetMs ?? target
    const most = Math.max(0, nowMs - this.#atMs) * slewRate
    const by = target - offset
    this.#offsetMs = Math.abs(by) > stepMs ? target : offset + Math.min(most, Math.max(-most, by))
    this.#atMs = Math.max(this.#atMs, nowMs)
  }
}
