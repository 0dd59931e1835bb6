import { HydraError } from '../hydra-error.ts'
import { packetHeaderBytes, readPacketHeader, type Packet } from './packet.ts'

/**
 * Puts the packets of a byte stream (TCP) together again. Holds at most one unfinished packet, so never more than
 * `maxBodyBytes` and a header besides the chunk at hand. After a throw the stream has no known boundary any more:
 * close it.
 *
 * @example
 * const reader = new PacketReader({ maxBodyBytes: 65_536 })
 * socket.on('data', (chunk) => reader.push(chunk, onPacket))
 */
export class PacketReader {
  readonly #maxBodyBytes: number
  /** Grows by doubling, so that a packet in many small chunks is not copied once per chunk. */
  #buffer = new Uint8Array(0)
  #length = 0

  constructor(options: { maxBodyBytes: number }) {
    this.#maxBodyBytes = options.maxBodyBytes
  }

  /** Bytes of the unfinished packet that are waiting for the rest. */
  get pendingBytes(): number {
    return this.#length
  }

  /**
   * Takes the next bytes and hands over each packet that they complete, also as the bytes that it came as. They are a
   * copy that may be kept.
   *
   * @throws HydraError `PROTOCOL_ERROR` for an unknown packet type, `PAYLOAD_TOO_LARGE` as soon as a header announces
   * more than `maxBodyBytes`. Packets before the bad one have been handed over.
   */
  push(chunk: Uint8Array, onPacket: (packet: Packet, bytes: Uint8Array) => void): void {
    this.#append(chunk)
    let offset = 0
    while (this.#length - offset >= packetHeaderBytes) {
      const { type, bodyBytes } = readPacketHeader(this.#buffer, offset)
      if (bodyBytes > this.#maxBodyBytes) {
        throw new HydraError(
          'PAYLOAD_TOO_LARGE',
          `A packet announces a body of ${bodyBytes} bytes; at most ${this.#maxBodyBytes} are allowed.`,
        )
      }
      const start = offset + packetHeaderBytes
      if (this.#length - start < bodyBytes) break
      const bytes = this.#buffer.slice(offset, start + bodyBytes)
      offset = start + bodyBytes
      onPacket({ type, body: bytes.subarray(packetHeaderBytes) }, bytes)
    }
    this.#buffer.copyWithin(0, offset, this.#length)
    this.#length -= offset
    if (this.#length === 0) this.#buffer = new Uint8Array(0)
  }

  #append(chunk: Uint8Array): void {
    const length = this.#length + chunk.length
    if (length > this.#buffer.length) {
      const grown = new Uint8Array(Math.max(length, this.#buffer.length * 2))
      grown.set(this.#buffer.subarray(0, this.#length))
      this.#buffer = grown
    }
    this.#buffer.set(chunk, this.#length)
    this.#length = length
  }
}
