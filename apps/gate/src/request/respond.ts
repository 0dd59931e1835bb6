import { HydraError } from '@hydra/protocol'
import type { Logger } from '@hydra/runtime'
import type { GateMetrics } from '../gate-metrics.ts'
import { emptyBody, encodeErrorResponse, encodeResponse } from '../packet/encode-message.ts'
import { compressBody } from '../packet/compress-body.ts'
import type { ClientMessage } from '../packet/on-packet.ts'
import type { Session } from '../session/session.ts'

/** Sends a client the outcome of its request: nothing for a notify, nor when the client has gone. */
export class Responder {
  readonly #log: Logger
  readonly #metrics: Pick<GateMetrics, 'traffic' | 'dropped'>
  readonly #compressMinBytes: number

  /** `compressMinBytes`: smaller bodies are not compressed, for clients that could read it. */
  constructor(log: Logger, metrics: Pick<GateMetrics, 'traffic' | 'dropped'>, compressMinBytes: number) {
    this.#log = log
    this.#metrics = metrics
    this.#compressMinBytes = compressMinBytes
  }

  /** Sends the body of a backend as it is. A body is never empty. */
  send(session: Session, message: ClientMessage, body: Uint8Array, error: boolean): void {
    if (message.kind === 'notify') return
    if (session.phase === 'closed') return this.#metrics.dropped.inc({ reason: 'client-gone' })
    const full = body.length > 0 ? body : emptyBody[session.serializer]
    const smaller = session.compressed ? compressBody(full, this.#compressMinBytes) : undefined
    let packet: Uint8Array
    try {
      packet = encodeResponse(message.id, smaller ?? full, { error, compressed: smaller !== undefined })
    } catch (thrown) {
      return this.refuse(session, message, HydraError.from(thrown))
    }
    this.#send(session, packet)
  }

  /** Sends an error. */
  refuse(session: Session, message: ClientMessage, error: HydraError): void {
    if (session.phase === 'closed') return
    const { sessionId, user } = session
    const { code, message: detail } = error
    // Whoever floods a gate must not flood its log too; the metric counts every one.
    this.#log.debug({ sessionId, uid: user?.uid, route: message.route, code, detail }, 'request refused')
    if (message.kind === 'request') {
      this.#send(session, encodeErrorResponse(message.id, error, session.serializer))
    }
  }

  #send(session: Session, packet: Uint8Array): void {
    if (session.connection.send(packet)) this.#metrics.traffic.sent(packet.length)
  }
}
