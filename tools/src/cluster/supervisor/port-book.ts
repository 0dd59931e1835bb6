import { freePorts, isPortFree } from '@hydra/testing'

/** So far from its first port a service is looked for a place before it gets any other port. */
const nearMax = 20

/**
 * Who has which port. One that was given out is taken until it is given back, also while nobody listens on it yet.
 */
export class PortBook {
  readonly #taken = new Set<number>()

  /**
   * A free port: `first`, or one soon after it, else any.
   *
   * @example const port = await book.take(3_250)
   */
  async take(first: number): Promise<number> {
    for (let port = first; port < first + nearMax && port <= 65_535; port++) {
      if (this.#taken.has(port)) continue
      this.#taken.add(port)
      if (await isPortFree(port)) return port
      this.#taken.delete(port)
    }
    return this.takeAny()
  }

  /**
   * This very port where it is free, else one as `take` finds it from `next` on.
   *
   * @example const port = await book.takeOwn(9_101, 9_105)
   */
  async takeOwn(own: number, next: number): Promise<number> {
    if (this.#taken.has(own)) return this.take(next)
    this.#taken.add(own)
    if (await isPortFree(own)) return own
    this.#taken.delete(own)
    return this.take(next)
  }

  /** A free port far from those that others like to have. */
  async takeAny(): Promise<number> {
    for (;;) {
      const [port = 0] = await freePorts(1)
      if (this.#taken.has(port)) continue
      this.#taken.add(port)
      return port
    }
  }

  giveBack(ports: readonly number[]): void {
    for (const port of ports) this.#taken.delete(port)
  }
}
