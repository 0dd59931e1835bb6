import { setTimeout as sleep } from 'node:timers/promises'

/** How long one step may take; then the next ones are made all the same. */
const stepMaxMs = 10_000

/**
 * What is to be undone after a test, noted as it is made: where making it has failed half way, what is there is removed.
 *
 * @example
 * const cleanUp = new CleanUp()
 * beforeAll(async () => {
 *   cluster = await createCluster()
 *   cleanUp.add('cluster', () => cluster.remove())
 * })
 * afterAll(() => cleanUp.run())
 */
export class CleanUp {
  readonly #steps: { readonly name: string; readonly undo: () => Promise<unknown> }[] = []
  readonly #stepMaxMs: number

  constructor(maxMs = stepMaxMs) {
    this.#stepMaxMs = maxMs
  }

  add(name: string, undo: () => Promise<unknown>): void {
    this.#steps.push({ name, undo })
  }

  /** Undoes all of it, the last one first, whatever fails or takes too long. @throws AggregateError with what has. */
  async run(): Promise<void> {
    const errors: unknown[] = []
    for (const { name, undo } of this.#steps.splice(0).toReversed()) {
      try {
        await this.#within(name, undo())
      } catch (error) {
        errors.push(error)
      }
    }
    if (errors.length > 0) throw new AggregateError(errors, errors.map(String).join('; '))
  }

  async #within(name: string, undone: Promise<unknown>): Promise<void> {
    const timer = new AbortController()
    const late = sleep(this.#stepMaxMs, undefined, { signal: timer.signal }).then(
      () => {
        throw new Error(`${name}: not removed after ${this.#stepMaxMs} ms`)
      },
      // Done in time.
      () => {},
    )
    try {
      await Promise.race([undone, late])
    } finally {
      timer.abort()
    }
  }
}
