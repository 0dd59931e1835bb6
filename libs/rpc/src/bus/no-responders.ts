/**
 * Remembers whom to tell when nobody was subscribed. The server answers only in that case, so that nothing ever says
 * that a callback is no longer needed; the newest ones are kept in a ring and the oldest make room. By then so many
 * messages have gone to the same server and back that its answer would have come.
 */
export class NoResponders {
  readonly #callbacks: (() => void)[] = []
  readonly #sequences: number[] = []
  readonly #capacity: number
  #sequence = 0

  constructor(capacity = 8_192) {
    this.#capacity = capacity
  }

  /** Keeps a callback; the token finds it again. */
  add(callback: () => void): string {
    const sequence = this.#sequence++
    const slot = sequence % this.#capacity
    this.#callbacks[slot] = callback
    this.#sequences[slot] = sequence
    return String(sequence)
  }

  /** The callback of a token, unless it has made room for a newer one. */
  find(token: string): (() => void) | undefined {
    const sequence = Number(token)
    const slot = sequence % this.#capacity
    return this.#sequences[slot] === sequence ? this.#callbacks[slot] : undefined
  }
}
