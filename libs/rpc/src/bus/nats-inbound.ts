import type { Msg } from 'nats'
import type { Logger, Metrics } from '@hydra/runtime'
import type { BusListener } from './bus.ts'

/**
 * Gives each message that arrives a turn of its own. What waits needs no limit of its own: a process that is busy does
 * not read its socket, and everything read in one turn of the event loop (2 MiB at most, and the rest of a message) is
 * delivered before the next read. The server holds the rest, and ends the connection of a reader that stays behind.
 */
export class NatsInbound {
  readonly #log: Logger
  #waitingBytes = 0

  constructor({ log, metrics }: { readonly log: Logger; readonly metrics: Metrics }) {
    this.#log = log
    metrics.gauge({
      name: 'hydra_bus_inbound_bytes',
      help: 'Bytes received from the bus and not yet given to their listeners.',
      collect: () => this.#waitingBytes,
    })
  }

  deliver(listener: BusListener, { data }: Msg, subject: string): void {
    this.#waitingBytes += data.length
    setImmediate(() => {
      this.#waitingBytes -= data.length
      try {
        listener(data, subject)
      } catch (err) {
        this.#log.error({ subject, err }, 'a bus listener threw')
      }
    })
  }
}
