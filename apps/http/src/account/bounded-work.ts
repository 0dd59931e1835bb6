import { HydraError } from '@hydra/protocol'

/** Bounds of {@link BoundedWork}. */
export interface BoundedWorkOptions {
  /** How many tasks run at once. */
  readonly concurrencyMax: number
  /** How many more may wait; one beyond that is refused. */
  readonly queueMax: number
}

/**
 * Runs a bounded number of tasks at once, the others first come first served.
 *
 * @example const key = await work.run(() => derive(password))
 */
export class BoundedWork {
  readonly #concurrencyMax: number
  readonly #queueMax: number
  readonly #waiting: (() => void)[] = []
  #running = 0

  constructor({ concurrencyMax, queueMax }: BoundedWorkOptions) {
    this.#concurrencyMax = concurrencyMax
    this.#queueMax = queueMax
  }

  /** How many tasks wait. */
  get waiting(): number {
    return this.#waiting.length
  }

  /** @throws HydraError `SERVER_BUSY` when the queue is full; the task was not started. */
  async run<T>(task: () => Promise<T>): Promise<T> {
    await this.#turn()
    try {
      return await task()
    } finally {
      // The turn passes to the next in line, or is free again.
      const next = this.#waiting.shift()
      if (next === undefined) this.#running -= 1
      else next()
    }
  }

  async #turn(): Promise<void> {
    if (this.#running < this.#concurrencyMax) {
      this.#running += 1
      return
    }
    if (this.#waiting.length >= this.#queueMax) {
      throw new HydraError('SERVER_BUSY', 'Too many logins at the same time; try again in a few seconds.')
    }
    await new Promise<void>((resolve) => this.#waiting.push(resolve))
  }
}
