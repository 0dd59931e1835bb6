interface Event {
  readonly dueMs: number
  readonly run: () => void
}

/** What is on its way: each stream in order, one stream late against the other. Nothing moves unless time does. */
export class SlowNetwork {
  readonly #delayMs: () => number
  readonly #lastDueMs = new Map<string, number>()
  /** By the moment of arrival; of one moment, in the order of sending. */
  readonly #events: Event[] = []
  #nowMs = 0

  constructor(delayMs: () => number) {
    this.#delayMs = delayMs
  }

  get nowMs(): number {
    return this.#nowMs
  }

  /** Runs `run` after a while, and after all that was sent before on the same stream. */
  send(stream: string, run: () => void): void {
    const dueMs = Math.max(this.#nowMs + this.#delayMs(), this.#lastDueMs.get(stream) ?? 0)
    this.#lastDueMs.set(stream, dueMs)
    this.#add(dueMs, run)
  }

  /** Runs `run` after exactly so long. */
  later(ms: number, run: () => void): void {
    this.#add(this.#nowMs + ms, run)
  }

  /** Lets everything arrive that does within the next `ms`. */
  advance(ms: number): void {
    const untilMs = this.#nowMs + ms
    for (let next = this.#events[0]; next !== undefined && next.dueMs <= untilMs; next = this.#events[0]) {
      this.#events.shift()
      this.#nowMs = next.dueMs
      next.run()
    }
    this.#nowMs = untilMs
  }

  #add(dueMs: number, run: () => void): void {
    let [low, high] = [0, this.#events.length]
    while (low < high) {
      const middle = (low + high) >>> 1
      if ((this.#events[middle]?.dueMs ?? Infinity) <= dueMs) low = middle + 1
      else high = middle
    }
    this.#events.splice(low, 0, { dueMs, run })
  }
}
