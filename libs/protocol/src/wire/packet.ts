import { HydraError } from '../hydra-error.ts'
import { limits } from '../limits.ts'

/**
 * Packet types of the Pomelo wire protocol.
 * Source: https://github.com/NetEase/pomelo/wiki/Communication-Protocol
 */
export const packetType = Object.freeze({ handshake: 1, handshakeAck: 2, heartbeat: 3, data: 4, kick: 5 })
/** One of {@link packetType}. */
export type PacketType = (typeof packetType)[keyof typeof packetType]

/** One frame: what it is and its bytes. */
export interface Packet {
  readonly type: PacketType
  readonly body: Uint8Array
}

/** Bytes before each body: type u8, length u24 big-endian. */
export const packetHeaderBytes = 4

const noBytes = new Uint8Array(0)

/**
 * Frames a body.
 *
 * @throws HydraError `PAYLOAD_TOO_LARGE` when the length does not fit u24.
 * @example encodePacket(packetType.heartbeat) // 03 00 00 00
 */
export function encodePacket(type: PacketType, body: Uint8Array = noBytes): Uint8Array<ArrayBuffer> {
  const packet = new Uint8Array(packetHeaderBytes + body.length)
  writePacketHeader(packet, type, body.length)
  packet.set(body, packetHeaderBytes)
  return packet
}

/** Writes the four header bytes into `target` at 0, for encoders that lay the body out themselves. */
export function writePacketHeader(target: Uint8Array, type: PacketType, bodyBytes: number): void {
  if (bodyBytes > limits.packetBodyMaxBytes) {
    throw new HydraError(
      'PAYLOAD_TOO_LARGE',
      `A packet body of ${bodyBytes} bytes does not fit the u24 length.`,
    )
  }
  target[0] = type
  target[1] = bodyBytes >>> 16
  target[2] = bodyBytes >>> 8
  target[3] = bodyBytes
}

/**
 * Reads a message that must hold exactly one packet, as over WebSocket. The body is a view, not a copy.
 *
 * @throws HydraError `PROTOCOL_ERROR` for an unknown type or a length that differs from the announced one.
 */
export function decodePacket(bytes: Uint8Array): Packet {
  if (bytes.length < packetHeaderBytes) throw malformed(`${bytes.length} bytes hold no packet header`)
  const { type, bodyBytes } = readPacketHeader(bytes, 0)
  const actual = bytes.length - packetHeaderBytes
  if (actual !== bodyBytes) throw malformed(`the header announces ${bodyBytes} bytes of body, ${actual} came`)
  return { type, body: bytes.subarray(packetHeaderBytes) }
}

/**
 * Reads type and length at `offset`; the caller has checked that four bytes are there.
 *
 * @throws HydraError `PROTOCOL_ERROR` for an unknown type.
 */
export function readPacketHeader(bytes: Uint8Array, offset: number): { type: PacketType; bodyBytes: number } {
  const type = bytes[offset] ?? 0
  if (!isPacketType(type)) throw malformed(`${type} is no packet type`)
  const [high, middle, low] = [bytes[offset + 1] ?? 0, bytes[offset + 2] ?? 0, bytes[offset + 3] ?? 0]
  return { type, bodyBytes: (high << 16) | (middle << 8) | low }
}

const isPacketType = (value: number): value is PacketType => value >= 1 && value <= 5

const malformed = (why: string) => new HydraError('PROTOCOL_ERROR', `Malformed packet: ${why}.`)
