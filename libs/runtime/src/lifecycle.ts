import type { Logger } from './logger.ts'

/** Something that was started and must be stopped. */
export interface Stoppable {
  readonly name: string
  stop(): Promise<void>
}

/**
 * Collects what a service has started and stops it in reverse. A stop that fails is logged and kept; the rest is
 * stopped all the same.
 *
 * @example
 * const lifecycle = new Lifecycle(log)
 * const bus = await lifecycle.start('bus', () => connectBus(), (bus) => bus.close())
 * await lifecycle.stop()
 */
export class Lifecycle {
  readonly #started: Stoppable[] = []
  readonly #log: Logger
  #stopping: Promise<void> | undefined

  constructor(log: Logger) {
    this.#log = log
  }

  /**
   * Starts a part and notes how to stop it. When it fails, what was started before is stopped and the error thrown.
   * A part that comes up after {@link stop} was called is stopped at once.
   *
   * @throws what `start` throws; Error when everything is being stopped.
   */
  async start<T>(
    name: string,
    start: () => T | Promise<T>,
    stop: (part: T) => void | Promise<void>,
  ): Promise<T> {
    try {
      const part = await start()
      this.#started.push({ name, stop: async () => stop(part) })
      if (this.#stopping === undefined) return part
    } catch (error) {
      await this.stop()
      throw error
    }
    await this.#stopAll()
    throw new Error(`"${name}" came up too late: everything is being stopped`)
  }

  /** Stops everything in reverse order; later calls await the first. @throws AggregateError of what failed to stop. */
  stop(): Promise<void> {
    this.#stopping ??= this.#stopAll()
    return this.#stopping
  }

  async #stopAll(): Promise<void> {
    const failures: unknown[] = []
    for (let part = this.#started.pop(); part !== undefined; part = this.#started.pop()) {
      try {
        await part.stop()
        this.#log.debug({ part: part.name }, 'stopped')
      } catch (err) {
        failures.push(err)
        this.#log.error({ part: part.name, err }, 'failed to stop')
      }
    }
    if (failures.length > 0)
      throw new AggregateError(failures, 'Some parts failed to stop; the log names each.')
  }
}
