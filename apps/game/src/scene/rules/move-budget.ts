import type { SceneSettings } from '../scene-settings.ts'

/** What a budget is made of. */
export type MoveBudgetSettings = Pick<SceneSettings, 'speed' | 'speedTolerance' | 'moveBurstMs'>

// Sums of fractions: a step of exactly what there is must not fail for the last bit.
const roundingCm = 1e-6

/**
 * How far a player may step: a token bucket of distance. It fills with time, at the speed that is believed, up to what
 * `moveBurstMs` bring; it begins full. Over any time, the steps that were let pass are together no longer than speed ×
 * tolerance × time + one full bucket.
 *
 * An honest client is never refused as long as its packets are late by at most 300 ms, it steps at least each 250 ms,
 * and at most each 50 ms: places are rounded to whole centimetres, which can make each step longer by 1.4 cm.
 *
 * @example
 * const budget = new MoveBudget({ speed: 500, speedTolerance: 1.1, moveBurstMs: 600 }, 0)
 * budget.spend(330, 0) // true
 * budget.spend(60, 100) // false: 55 cm since then
 */
export class MoveBudget {
  readonly #cmPerMs: number
  readonly #maxCm: number
  #cm: number
  #atMs: number

  constructor({ speed, speedTolerance, moveBurstMs }: MoveBudgetSettings, nowMs: number) {
    this.#cmPerMs = (speed * speedTolerance) / 1_000
    this.#maxCm = this.#cmPerMs * moveBurstMs
    this.#cm = this.#maxCm
    this.#atMs = nowMs
  }

  /** Takes a step of this length out of the budget; false, and nothing changes, when there is not so much in it. */
  spend(cm: number, nowMs: number): boolean {
    // A call with an earlier time than the one before brings nothing, and does not let time be counted twice.
    const atMs = Math.max(nowMs, this.#atMs)
    const available = Math.min(this.#maxCm, this.#cm + (atMs - this.#atMs) * this.#cmPerMs)
    if (cm > available + roundingCm) return false
    this.#cm = Math.max(0, available - cm)
    this.#atMs = atMs
    return true
  }
}
