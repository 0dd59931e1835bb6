import {
  handshakeCode,
  handshakeResponse,
  HydraError,
  isErrorCode,
  limits,
  packetType,
  type HandshakeRequest,
  type Packet,
  type Serializer,
} from '@hydra/protocol'
import { kickReason } from './close-reason.ts'

/** What a client says about itself in the handshake. */
export interface ClientInfo {
  /** Kind of client, at most 64 characters. */
  readonly type: string
  /** Its version, at most 64 characters; a gate may refuse old ones. */
  readonly version: string
  /** Anything else that the server should know. */
  readonly user?: Readonly<Record<string, unknown>>
}

/** What both sides settled on. */
export interface Agreement {
  readonly serializer: Serializer
  /** 0: no heartbeats. */
  readonly heartbeatMs: number
  /** Codes that may stand for route names; empty when the server offers none. */
  readonly codeByName: ReadonlyMap<string, number>
  readonly nameByCode: ReadonlyMap<number, string>
}

const utf8 = { encoder: new TextEncoder(), decoder: new TextDecoder('utf-8', { fatal: true }) }

/** The body of the handshake packet: always plain JSON, whatever the serializer. */
export function handshakeBody(info: ClientInfo, serializer: Serializer): Uint8Array {
  const request: HandshakeRequest = {
    sys: { type: info.type, version: info.version, serializer, dict: true, resume: true },
    user: { ...info.user },
  }
  return utf8.encoder.encode(JSON.stringify(request))
}

/**
 * Reads what came back.
 *
 * @throws HydraError when the server refuses, and why; `PROTOCOL_ERROR` when it is no answer at all, or one that this
 * client cannot go on with.
 */
export function readHandshake(packet: Packet, asked: Serializer): Agreement {
  if (packet.type === packetType.kick) throw kickedEarly(packet.body)
  if (packet.type !== packetType.handshake) {
    throw new HydraError('PROTOCOL_ERROR', `The server began with a packet of type ${packet.type}.`)
  }
  const { code, sys, reason } = parse(packet.body)
  if (code !== handshakeCode.ok) {
    throw new HydraError(
      'PROTOCOL_ERROR',
      `The server refused the handshake (${code}): ${reason ?? 'it gave no reason'}`,
      { metadata: { handshakeCode: code } },
    )
  }
  if (sys?.serializer !== asked) {
    throw new HydraError(
      'PROTOCOL_ERROR',
      `The server settled on the serializer "${sys?.serializer}"; this client asked for "${asked}".`,
    )
  }
  const codes = Object.entries(sys.dict ?? {}).filter(([, code]) => code > 0 && code <= limits.routeCodeMax)
  return {
    serializer: asked,
    heartbeatMs: sys.heartbeat * 1_000,
    codeByName: new Map(codes),
    nameByCode: new Map(codes.map(([name, code]) => [code, name])),
  }
}

function parse(body: Uint8Array) {
  try {
    return handshakeResponse.parse(JSON.parse(utf8.decoder.decode(body)))
  } catch (cause) {
    throw new HydraError('PROTOCOL_ERROR', 'The answer to the handshake has an unknown form.', { cause })
  }
}

function kickedEarly(body: Uint8Array): HydraError {
  const { code, reason } = kickReason(body)
  return new HydraError(
    isErrorCode(code) ? code : 'CONNECTION_CLOSED',
    `The server refused the connection (${code}): ${reason}`,
    { metadata: { reason: code } },
  )
}
