import {
  decodePacket,
  encodePacket,
  HydraError,
  packetType,
  type Packet,
  type PacketType,
} from '@hydra/protocol'
import type { OpenWebSocket, WebSocketLike } from './websocket/web-socket.ts'

/** How a WebSocket ended; `error` is what it reported before, where the platform says more than "error". */
export interface SocketEnd {
  readonly code: number
  readonly reason: string
  readonly error: unknown
}

/** Who listens to a {@link PacketSocket}; replaced as a whole when the connection enters its next phase. */
export interface PacketSocketHandlers {
  onOpen(): void
  onPacket(packet: Packet): void
  /** A message that is no packet. */
  onInvalid(error: HydraError): void
  /** Exactly once, and nothing after it. */
  onClosed(end: SocketEnd): void
}

/** A WebSocket that speaks in packets: one binary message is one packet. */
export class PacketSocket {
  handlers: PacketSocketHandlers
  readonly #socket: WebSocketLike
  readonly #maxBufferedBytes: number
  #error: unknown

  constructor(
    options: { url: string; openWebSocket: OpenWebSocket; maxBufferedBytes: number },
    handlers: PacketSocketHandlers,
  ) {
    this.handlers = handlers
    this.#maxBufferedBytes = options.maxBufferedBytes
    this.#socket = options.openWebSocket(options.url)
    this.#socket.addEventListener('open', () => this.handlers.onOpen())
    this.#socket.addEventListener('message', ({ data }) => this.#receive(data))
    this.#socket.addEventListener('error', (event) => (this.#error = errorOf(event)))
    this.#socket.addEventListener('close', ({ code, reason }) =>
      this.handlers.onClosed({ code, reason, error: this.#error }),
    )
  }

  /**
   * Sends a packet.
   *
   * @throws HydraError `PAYLOAD_TOO_LARGE` for a body over 16 MB; `SERVER_BUSY` for data while more than
   * `maxBufferedBytes` wait to leave.
   */
  send(type: PacketType, body?: Uint8Array): void {
    const packet = encodePacket(type, body)
    if (type === packetType.data && this.#socket.bufferedAmount > this.#maxBufferedBytes) {
      throw new HydraError(
        'SERVER_BUSY',
        `${this.#socket.bufferedAmount} bytes wait to be sent; the connection is too slow for more.`,
      )
    }
    this.#socket.send(packet)
  }

  /** Begins to close; `onClosed` follows. */
  close(): void {
    this.#socket.close(1000)
  }

  #receive(data: unknown): void {
    if (typeof data !== 'object' || data === null) {
      this.handlers.onInvalid(new HydraError('PROTOCOL_ERROR', 'The server sent text; packets are binary.'))
      return
    }
    let packet: Packet
    try {
      packet = decodePacket(new Uint8Array(data as ArrayBuffer))
    } catch (error) {
      this.handlers.onInvalid(HydraError.from(error))
      return
    }
    this.handlers.onPacket(packet)
  }
}

/** `ws` carries the cause in its event, browsers do not tell. */
function errorOf(event: unknown): unknown {
  return typeof event === 'object' && event !== null && 'error' in event ? event.error : undefined
}
