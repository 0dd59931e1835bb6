/**
 * Keeps work back while something runs that must be finished first, and lets it go on in its order afterwards. Its
 * owner bounds how much is kept.
 */
export class HoldQueue {
  #holds = 0
  /** Most sessions never keep anything back. */
  #held: (() => void)[] | undefined
  #draining = false

  /** How much is kept back. */
  get size(): number {
    return this.#held?.length ?? 0
  }

  /** Whether work must be pushed instead of being done at once. */
  get isHolding(): boolean {
    return this.#holds > 0 || this.#draining || this.size > 0
  }

  /** Does the work after everything that is kept back already. */
  push(work: () => void): void {
    this.#held ??= []
    this.#held.push(work)
    this.#drain()
  }

  /** Keeps back what comes from now on, until the returned function is called; calling it twice does nothing. */
  hold(): () => void {
    this.#holds++
    let released = false
    return () => {
      if (released) return
      released = true
      this.#holds--
      this.#drain()
    }
  }

  #drain(): void {
    if (this.#draining) return
    this.#draining = true
    try {
      while (this.#holds === 0) {
        const work = this.#held?.shift()
        if (work === undefined) break
        work()
      }
    } finally {
      this.#draining = false
    }
  }
}
