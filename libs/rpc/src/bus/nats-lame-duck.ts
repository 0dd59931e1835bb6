import type { NatsConnection } from 'nats'
import type { Clock, Logger, Timer } from '@hydra/runtime'
import type { NatsConfirmations } from './nats-confirmations.ts'

/** What leaving a server works with. */
export interface LameDuckOptions {
  readonly confirmations: NatsConfirmations
  /** Those that are configured. */
  readonly servers: readonly string[]
  readonly clock: Clock
  readonly log: Logger
  readonly random: () => number
  /** Within this time, by chance, so that not all clients of a server arrive at the next one together. */
  readonly leaveWithinMs: number
}

/**
 * Leaves a server that is about to stop while it still works, when there is another one: what was published is sent
 * before, so that only what is just arriving can be lost. Without another server it stays until the end.
 *
 * Source: the lame duck mode of nats-server, which waits 10 s before it closes the first connection.
 *
 * @example const lameDuck = new LameDuck(connection, { confirmations, servers, clock, log, random, leaveWithinMs: 2_000 })
 */
export class LameDuck {
  readonly #connection: NatsConnection
  readonly #options: LameDuckOptions
  #timer: Timer | undefined

  constructor(connection: NatsConnection, options: LameDuckOptions) {
    this.#connection = connection
    this.#options = options
  }

  /** The server has announced its end. */
  noted(): void {
    const { clock, random, leaveWithinMs } = this.#options
    if (this.#timer !== undefined || !this.#hasAlternative()) return
    this.#timer = clock.after(random() * leaveWithinMs, () => void this.#leave())
  }

  /** The connection has ended, or is about to: there is nothing left to leave. */
  cancel(): void {
    this.#timer?.cancel()
    this.#timer = undefined
  }

  // A server in a cluster names the others in the very message that announces its end.
  #hasAlternative(): boolean {
    return this.#options.servers.length > 1 || (this.#connection.info?.connect_urls ?? []).length > 0
  }

  async #leave(): Promise<void> {
    const { confirmations, log } = this.#options
    try {
      await confirmations.flush()
      // Disconnected by itself meanwhile.
      if (this.#timer === undefined) return
      log.info({ server: this.#connection.getServer() }, 'moving to another NATS server')
      await this.#connection.reconnect()
    } catch (err) {
      log.warn({ err }, 'could not leave the NATS server that is about to stop')
    }
  }
}
