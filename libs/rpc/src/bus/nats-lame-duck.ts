import type { NatsConnection } from 'nats'
import { delay, type Clock, type Logger, type Timer } from '@hydra/runtime'
import type { NatsConfirmations } from './nats-confirmations.ts'

/** What the server has taken goes on to the others in this time, ahead of what is then published there. */
const settleMs = 50

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
  /** Called before it leaves: what is published from then on would be lost with the connection. */
  readonly onLeaving: () => void
}

/**
 * Leaves a server that is about to stop while it still works, when there is another one: what was published is sent
 * before, and nothing is published until it has moved, so that only what is just arriving can be lost. Without another
 * server it stays until the end.
 *
 * Source: the lame duck mode of nats-server, which waits 10 s before it closes the first connection.
 *
 * @example const lameDuck = new LameDuck(connection, { confirmations, servers, clock, log, random, leaveWithinMs: 2_000, onLeaving })
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
    const { confirmations, clock, log, onLeaving } = this.#options
    log.info({ server: this.#connection.getServer() }, 'moving to another NATS server')
    onLeaving()
    try {
      await confirmations.flush()
      await delay(clock, settleMs)
      await this.#connection.reconnect()
    } catch (err) {
      log.warn({ err }, 'could not leave the NATS server that is about to stop')
    }
  }
}
