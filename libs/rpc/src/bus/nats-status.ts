import { DebugEvents, Events, type NatsConnection, type Status } from 'nats'
import type { Logger, Metrics } from '@hydra/runtime'

/** Who wants to know what happens to a connection. */
export interface NatsStatusOptions {
  readonly log: Logger
  readonly metrics: Metrics
  readonly onConnectedChange: (connected: boolean) => void
  /** The server is about to stop. */
  readonly onLameDuck: () => void
}

/** Logs and counts what the client tells about its connection, until that is closed. */
export function followNatsStatus(connection: NatsConnection, options: NatsStatusOptions): void {
  const { log, metrics, onConnectedChange, onLameDuck } = options
  const events = metrics.counter({
    name: 'hydra_nats_events_total',
    help: 'What happened to the connection to NATS: disconnect, reconnect, ldm (the server is about to stop), error and others.',
    labels: ['event'],
    known: [{ event: Events.Disconnect }, { event: Events.Reconnect }],
  })
  const follow = async (): Promise<void> => {
    for await (const status of connection.status()) {
      if (status.type === DebugEvents.PingTimer) continue
      events.inc({ event: status.type })
      note(status, log)
      if (status.type === Events.Disconnect) onConnectedChange(false)
      if (status.type === Events.Reconnect) onConnectedChange(true)
      if (status.type === Events.LDM) onLameDuck()
    }
    const reason = await connection.closed()
    onConnectedChange(false)
    if (reason !== undefined) log.error({ err: reason }, 'the connection to NATS has ended for good')
  }
  follow().catch((err: unknown) =>
    log.error({ err }, 'the state of the connection to NATS is no longer known'),
  )
}

function note({ type, data }: Status, log: Logger): void {
  switch (type) {
    case Events.Disconnect:
      return log.warn({ server: data }, 'lost the connection to NATS, reconnecting')
    case Events.Reconnect:
      return log.info({ server: data }, 'reconnected to NATS')
    case Events.LDM:
      return log.warn({ server: data }, 'the NATS server is about to stop')
    case Events.Error:
      return log.error({ error: data }, 'the NATS server reports an error')
    case DebugEvents.StaleConnection:
      return log.warn({}, 'the NATS server does not answer pings, giving the connection up')
    default:
      return log.debug({ type, data }, 'NATS connection event')
  }
}
