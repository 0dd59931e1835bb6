/**
 * Lets some work run side by side and other work only alone, in the order in which it asks: what runs alone waits for
 * everything before it, and everything after waits for it, so nobody is passed over for ever.
 */
export class Turnstile {
  /** Everything that runs alone and has asked so far. */
  #alone: Promise<unknown> = Promise.resolve()
  /** Everything that has asked so far. */
  #all: Promise<unknown> = Promise.resolve()

  /** Runs work beside other shared work. */
  shared<T>(work: () => Promise<T>): Promise<T> {
    const result = this.#alone.then(work)
    this.#all = Promise.all([this.#all, result.catch(() => {})])
    return result
  }

  /** Runs work while nothing else runs. */
  exclusive<T>(work: () => Promise<T>): Promise<T> {
    const result = this.#all.then(work)
    this.#alone = this.#all = result.catch(() => {})
    return result
  }

  /** Resolves when everything that has asked so far is over. */
  async idle(): Promise<void> {
    await this.#all
  }
}
