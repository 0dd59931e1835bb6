import type { DisconnectReason } from '@hydra/protocol'
import type { Clock, Ids, Logger } from '@hydra/runtime'
import type { GateMetrics } from '../gate-metrics.ts'
import { encodeKick } from '../packet/encode-message.ts'
import type { AcceptConnection, CloseCause, Connection, ConnectionListener } from '../socket/connection.ts'
import type { SessionCloser } from './close-session.ts'
import { disconnects } from './disconnects.ts'
import { Session } from './session.ts'
import type { Sessions } from './sessions.ts'

/** Takes what one session's client sends. */
export type OnPacketBytes = (session: Session, bytes: Uint8Array, isBinary: boolean) => void

/** What accepting needs. */
export interface AcceptOptions {
  readonly sessions: Sessions
  readonly closer: Pick<SessionCloser, 'close'>
  readonly onBytes: OnPacketBytes
  readonly rateBurst: number
  readonly clock: Clock
  readonly ids: Ids
  readonly log: Logger
  readonly metrics: Pick<GateMetrics, 'closes' | 'kicks' | 'dropped'>
}

/** Makes the function that turns a new connection into a session, or refuses it when the gate is full. */
export function createAccept(options: AcceptOptions): AcceptConnection {
  const { sessions, clock, ids, rateBurst } = options
  return (connection) => {
    if (!sessions.hasRoomFor(connection.remoteAddress)) {
      refuse(connection, options)
      return undefined
    }
    const nowMs = clock.monotonicMs()
    const session = new Session({ connection, sessionId: ids.next(), nowMs, rateBurst })
    sessions.add(session)
    return new SessionListener(session, options)
  }
}

function refuse(connection: Connection, { log, metrics }: AcceptOptions): void {
  const reason = 'SERVER_FULL'
  const { closeCode, sentence } = disconnects[reason]
  log.info({ reason, remoteAddress: connection.remoteAddress }, 'connection refused')
  metrics.closes.inc({ reason })
  if (connection.send(encodeKick(reason, sentence))) metrics.kicks.inc({ reason })
  connection.close(closeCode, reason)
}

/** One small object for each connection: with closures it would be four. */
class SessionListener implements ConnectionListener {
  readonly #session: Session
  readonly #options: AcceptOptions

  constructor(session: Session, options: AcceptOptions) {
    this.#session = session
    this.#options = options
  }

  onMessage(bytes: Uint8Array, isBinary: boolean): void {
    this.#options.onBytes(this.#session, bytes, isBinary)
  }

  onOverflow(): void {
    this.#options.metrics.dropped.inc({ reason: 'slow-consumer' })
    this.#options.closer.close(this.#session, 'SLOW_CONSUMER')
  }

  onClose(cause: CloseCause): void {
    this.#options.closer.close(this.#session, reasonOf[cause])
  }
}

const reasonOf: Readonly<Record<CloseCause, DisconnectReason>> = {
  closed: 'CLIENT_CLOSED',
  'message-too-large': 'PACKET_TOO_LARGE',
  malformed: 'PROTOCOL_ERROR',
}
