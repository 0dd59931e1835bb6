import {
  decodeMessage,
  decodePacket,
  HydraError,
  packetHeaderBytes,
  packetType,
  type DisconnectReason,
  type HandshakeRequest,
  type Message,
  type Packet,
} from '@hydra/protocol'
import type { Clock, Logger } from '@hydra/runtime'
import type { GateMetrics } from '../gate-metrics.ts'
import { takeToken, type RateLimit } from '../request/rate-limit.ts'
import type { ClientInfo, Session } from '../session/session.ts'
import { heartbeatPacket } from './encode-message.ts'
import { platformOf, versionOf } from './handshake-rules.ts'
import type { HandshakeAnswer } from './handshake.ts'

/** A message that a client may send. */
export type ClientMessage = Extract<Message, { kind: 'request' | 'notify' }>

/** What handling packets needs. */
export interface PacketHandlerOptions {
  readonly handshake: (body: Uint8Array) => HandshakeAnswer
  readonly onMessage: (session: Session, message: ClientMessage) => void
  readonly close: (session: Session, reason: DisconnectReason, detail?: string) => void
  readonly clock: Clock
  readonly log: Logger
  readonly metrics: Pick<GateMetrics, 'handshakes' | 'traffic'>
  readonly maxPacketBytes: number
  /** Of heartbeats and acknowledgements, which are no messages. */
  readonly controlRate: RateLimit
}

/** Makes the function that takes whatever a client sends, one packet at a time. It never throws. */
export function createPacketHandler(options: PacketHandlerOptions) {
  const { close, clock, log, metrics, maxPacketBytes } = options

  const onHandshake = (session: Session, body: Uint8Array): void => {
    const answer = options.handshake(body)
    send(session, answer.packet)
    if (!answer.accepted) {
      metrics.handshakes.inc({ transport: session.connection.transport, result: 'refused', serializer: '' })
      return close(session, 'HANDSHAKE_REFUSED', answer.reason)
    }
    session.serializer = answer.serializer
    session.coded = answer.coded
    session.compressed = answer.compressed
    session.resumable = answer.resumable
    session.client = clientInfo(answer.request)
    session.phase = 'awaiting-ack'
    const { transport } = session.connection
    metrics.handshakes.inc({ transport, result: 'accepted', serializer: answer.serializer })
  }

  const onData = (session: Session, body: Uint8Array): void => {
    const message = decodeMessage(body)
    if (message.kind === 'request' || message.kind === 'notify') options.onMessage(session, message)
    else close(session, 'PROTOCOL_ERROR', `Clients do not send messages of the kind "${message.kind}".`)
  }

  const send = (session: Session, packet: Uint8Array): void => {
    if (session.connection.send(packet)) metrics.traffic.sent(packet.length)
  }

  const isFlood = (session: Session): boolean => {
    const nowMs = clock.monotonicMs()
    session.control ??= { rateTokens: options.controlRate.rateBurst, rateAtMs: nowMs }
    return takeToken(session.control, options.controlRate, nowMs) !== 'allowed'
  }

  const onPacket = (session: Session, { type, body }: Packet): void => {
    const { phase } = session
    if ((type === packetType.heartbeat || type === packetType.handshakeAck) && isFlood(session)) {
      return close(session, 'RATE_LIMITED', 'Far more heartbeats than were agreed on.')
    }
    const unexpected = (what: string) => close(session, 'PROTOCOL_ERROR', `${what} while ${phase}.`)
    switch (type) {
      case packetType.handshake:
        return phase === 'awaiting-handshake' ? onHandshake(session, body) : unexpected('A handshake')
      case packetType.handshakeAck:
        if (phase === 'awaiting-handshake') return unexpected('A handshake acknowledgement')
        if (phase !== 'awaiting-ack') return
        session.phase = 'working'
        // Pomelo's clients start to count from the first heartbeat that the server sends.
        return send(session, heartbeatPacket)
      case packetType.heartbeat:
        if (phase === 'awaiting-handshake') return unexpected('A heartbeat')
        return phase === 'working' ? send(session, heartbeatPacket) : undefined
      case packetType.data:
        return phase === 'working' ? onData(session, body) : unexpected('Data')
      case packetType.kick:
        return unexpected('A kick from a client')
      default:
        return type satisfies never
    }
  }

  return (session: Session, bytes: Uint8Array, isBinary: boolean): void => {
    if (session.phase === 'closed') return
    metrics.traffic.received(bytes.length)
    if (!isBinary) return close(session, 'PROTOCOL_ERROR', 'Packets travel in binary messages, not in text.')
    if (bytes.length - packetHeaderBytes > maxPacketBytes) {
      const bodyBytes = bytes.length - packetHeaderBytes
      return close(
        session,
        'PACKET_TOO_LARGE',
        `A packet of ${bodyBytes} bytes; ${maxPacketBytes} are allowed.`,
      )
    }
    session.lastPacketMs = clock.monotonicMs()
    try {
      onPacket(session, decodePacket(bytes))
    } catch (thrown) {
      const error = HydraError.from(thrown)
      if (error.code === 'INTERNAL') log.error({ sessionId: session.sessionId, err: thrown }, 'packet failed')
      close(
        session,
        error.code === 'PAYLOAD_TOO_LARGE' ? 'PACKET_TOO_LARGE' : 'PROTOCOL_ERROR',
        error.message,
      )
    }
  }
}

function clientInfo({ sys, user }: HandshakeRequest): ClientInfo {
  const [platform, version] = [platformOf(sys), versionOf(sys)]
  return {
    ...(platform === undefined ? {} : { platform }),
    ...(version === undefined ? {} : { version }),
    ...(user === undefined ? {} : { user }),
  }
}
