/** Growing pauses between tries: doubling, bounded, and each between half and all of itself, so that many do not try at once. */
export class Backoff {
  readonly #minMs: number
  readonly #maxMs: number
  readonly #random: () => number
  #failures = 0

  constructor(options: { readonly minMs: number; readonly maxMs: number; readonly random: () => number }) {
    this.#minMs = options.minMs
    this.#maxMs = options.maxMs
    this.#random = options.random
  }

  /** Failures since the last success. */
  get failures(): number {
    return this.#failures
  }

  /** Notes a failure; answers how long to pause. */
  nextMs(): number {
    const fullMs = Math.min(this.#maxMs, this.#minMs * 2 ** Math.min(this.#failures, 30))
    this.#failures += 1
    return fullMs * (0.5 + this.#random() / 2)
  }

  /** Notes a success. */
  reset(): void {
    this.#failures = 0
  }
}
