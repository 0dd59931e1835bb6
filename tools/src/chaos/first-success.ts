/** Lets others wait for the first success of something that was begun after a certain moment. Times are monotonic. */
export class FirstSuccess {
  readonly #waiting = new Set<{ readonly sinceMs: number; readonly resolve: (atMs: number) => void }>()

  /** Something that was begun at `beganAtMs` has succeeded. */
  note(beganAtMs: number, atMs: number): void {
    for (const waiter of this.#waiting) {
      if (beganAtMs < waiter.sinceMs) continue
      this.#waiting.delete(waiter)
      waiter.resolve(atMs)
    }
  }

  /** When the first one succeeded that was begun at `sinceMs` or later. */
  after(sinceMs: number): Promise<number> {
    return new Promise((resolve) => this.#waiting.add({ sinceMs, resolve }))
  }
}
