import { HydraError } from '../hydra-error.ts'
import { limits } from '../limits.ts'
import { messageIdEnd } from './message-id.ts'
import { packetHeaderBytes, packetType, writePacketHeader } from './packet.ts'

/** The four kinds of message inside a data packet, as flag bits 1 to 3 hold them. */
export const messageKind = Object.freeze({ request: 0, notify: 1, response: 2, push: 3 })

/** A route by name, or by its code of the dictionary. */
export type RouteRef = string | number

/**
 * One message. Ids are kept as the bytes they came in: a response must carry the very bytes of its request.
 * `error` and `compressed` are flags of Pitaya that Pomelo does not know.
 */
export type Message =
  | {
      readonly kind: 'request'
      readonly id: Uint8Array
      readonly route: RouteRef
      readonly body: Uint8Array
      readonly compressed?: boolean
    }
  | {
      readonly kind: 'notify'
      readonly route: RouteRef
      readonly body: Uint8Array
      readonly compressed?: boolean
    }
  | {
      readonly kind: 'response'
      readonly id: Uint8Array
      readonly body: Uint8Array
      readonly error?: boolean
      readonly compressed?: boolean
    }
  | {
      readonly kind: 'push'
      readonly route: RouteRef
      readonly body: Uint8Array
      readonly compressed?: boolean
    }

const noBytes = new Uint8Array(0)
const routeIsCode = 0x01
const bodyIsCompressed = 0x10
const bodyIsError = 0x20
const knownFlags = 0x3f
const kinds = ['request', 'notify', 'response', 'push'] as const

// Without `ignoreBOM` the decoder would swallow a leading U+FEFF, and a route would not come out as it went in.
const utf8 = {
  encoder: new TextEncoder(),
  decoder: new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }),
}

/**
 * Lays a message out in bytes.
 * Source: https://github.com/NetEase/pomelo/wiki/Communication-Protocol; flags `0x10` and `0x20` are Pitaya's.
 *
 * @throws HydraError `PROTOCOL_ERROR` when the route is empty, longer than 255 bytes or no u16 code.
 * @example encodeMessage({ kind: 'push', route: 1, body: noBytes }) // 07 00 01
 */
export function encodeMessage(message: Message): Uint8Array {
  const route = message.kind === 'response' ? noBytes : encodeRoute(message.route)
  const bytes = new Uint8Array(messageBytes(message, route))
  writeMessage(bytes, 0, message, route)
  return bytes
}

/**
 * Lays a message out as a whole packet: what `encodePacket(packetType.data, encodeMessage(message))` makes, in one
 * piece of memory, because it happens with each message that a gate sends.
 *
 * @throws HydraError as {@link encodeMessage}; `PAYLOAD_TOO_LARGE` when the length does not fit u24.
 */
export function encodeMessagePacket(message: Message): Uint8Array {
  const route = message.kind === 'response' ? noBytes : encodeRoute(message.route)
  const bodyBytes = messageBytes(message, route)
  const packet = new Uint8Array(packetHeaderBytes + bodyBytes)
  writePacketHeader(packet, packetType.data, bodyBytes)
  writeMessage(packet, packetHeaderBytes, message, route)
  return packet
}

const idOf = (message: Message): Uint8Array =>
  message.kind === 'request' || message.kind === 'response' ? message.id : noBytes

const messageBytes = (message: Message, route: Uint8Array): number =>
  1 + idOf(message).length + route.length + message.body.length

function writeMessage(target: Uint8Array, at: number, message: Message, route: Uint8Array): void {
  const id = idOf(message)
  target[at] =
    (messageKind[message.kind] << 1) |
    (message.kind !== 'response' && typeof message.route === 'number' ? routeIsCode : 0) |
    (message.compressed === true ? bodyIsCompressed : 0) |
    (message.kind === 'response' && message.error === true ? bodyIsError : 0)
  let end = at + 1
  // Ids are a byte or two, for which copying by hand costs less than a call.
  for (let index = 0; index < id.length; index++) target[end++] = id[index] ?? 0
  if (route.length > 0) target.set(route, end)
  target.set(message.body, end + route.length)
}

/**
 * Reads a message. Id and body are views into `bytes`.
 *
 * @throws HydraError `PROTOCOL_ERROR` for unknown flags, a cut-off field or a route that is no UTF-8.
 */
export function decodeMessage(bytes: Uint8Array): Message {
  const flag = bytes[0]
  if (flag === undefined) throw malformed('it is empty')
  const kind = kinds[(flag >> 1) & 0x07]
  if (kind === undefined || (flag & ~knownFlags) !== 0)
    throw malformed(`0x${flag.toString(16)} is no known flag`)

  let offset = 1
  let id: Uint8Array = noBytes
  if (kind === 'request' || kind === 'response') {
    const end = messageIdEnd(bytes, offset)
    id = bytes.subarray(offset, end)
    offset = end
  }
  const compressed = (flag & bodyIsCompressed) !== 0
  if (kind === 'response') {
    return { kind, id, body: bytes.subarray(offset), error: (flag & bodyIsError) !== 0, compressed }
  }
  const { route, end } = decodeRoute(bytes, offset, (flag & routeIsCode) !== 0)
  const body = bytes.subarray(end)
  return kind === 'request' ? { kind, id, route, body, compressed } : { kind, route, body, compressed }
}

function encodeRoute(route: RouteRef): Uint8Array {
  if (typeof route === 'number') {
    if (!Number.isInteger(route) || route < 0 || route > limits.routeCodeMax)
      throw malformed(`${route} is no route code`)
    return Uint8Array.of(route >>> 8, route)
  }
  const name = utf8.encoder.encode(route)
  if (name.length === 0 || name.length > limits.routeMaxBytes)
    throw malformed(`a route of ${name.length} bytes`)
  const bytes = new Uint8Array(1 + name.length)
  bytes[0] = name.length
  bytes.set(name, 1)
  return bytes
}

function decodeRoute(bytes: Uint8Array, offset: number, coded: boolean): { route: RouteRef; end: number } {
  if (coded) {
    const [high, low] = [bytes[offset], bytes[offset + 1]]
    if (high === undefined || low === undefined) throw malformed('it ends inside its route code')
    return { route: (high << 8) | low, end: offset + 2 }
  }
  const length = bytes[offset]
  const start = offset + 1
  if (length === undefined || start + length > bytes.length) throw malformed('it ends inside its route')
  try {
    return { route: utf8.decoder.decode(bytes.subarray(start, start + length)), end: start + length }
  } catch (cause) {
    throw new HydraError('PROTOCOL_ERROR', 'Malformed message: its route is no UTF-8.', { cause })
  }
}

const malformed = (why: string) => new HydraError('PROTOCOL_ERROR', `Malformed message: ${why}.`)
