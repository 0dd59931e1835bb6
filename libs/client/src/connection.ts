import {
  decodeMessage,
  encodeMessage,
  HydraError,
  packetType,
  type Message,
  type Packet,
} from '@hydra/protocol'
import type { ClientClock } from './client-clock.ts'
import { connectionClosed, kickReason, socketReason, type CloseReason } from './close-reason.ts'
import type { Agreement } from './handshake.ts'
import { Heartbeat } from './heartbeat.ts'
import type { PacketSocket } from './packet-socket.ts'

/** How long close() waits for the other side to agree before it stops waiting. */
const closeTimeoutMs = 2_000

/** Who uses a {@link Connection}. */
export interface ConnectionHandlers {
  onMessage(message: Message): void
  /** Exactly once, and nothing after it. */
  onClosed(reason: CloseReason): void
}

/**
 * One connection after its handshake: messages in and out, heartbeats, and one end with one reason. Everything that
 * outlives a lost connection belongs to its user, so that a reconnect is another `Connection` in the same place.
 */
export class Connection {
  readonly agreement: Agreement
  readonly #socket: PacketSocket
  readonly #clock: ClientClock
  readonly #heartbeat: Heartbeat
  #handlers: ConnectionHandlers | undefined
  #closed: CloseReason | undefined
  #socketClosed = false
  readonly #onSocketClosed: (() => void)[] = []

  /** Takes the socket over; nothing that it receives from here on is lost. */
  constructor(socket: PacketSocket, agreement: Agreement, clock: ClientClock) {
    this.agreement = agreement
    this.#socket = socket
    this.#clock = clock
    this.#heartbeat = new Heartbeat(agreement.heartbeatMs, clock, {
      sendHeartbeat: () => socket.send(packetType.heartbeat),
      onSilence: (silentMs) =>
        this.#end({
          code: 'HEARTBEAT_LOST',
          reason: `The server has been silent for ${Math.round(silentMs)} ms.`,
          kicked: false,
        }),
    })
    socket.handlers = {
      onOpen: () => this.#protocolError('the socket opened twice'),
      onPacket: (packet) => this.#receive(packet),
      onInvalid: (error) => this.#protocolError(error.message),
      onClosed: (end) => {
        this.#end(socketReason(end))
        this.#socketClosed = true
        for (const resolve of this.#onSocketClosed.splice(0)) resolve()
      },
    }
  }

  /** Acknowledges the handshake. The server sends nothing before that, so no message misses its handler. */
  start(handlers: ConnectionHandlers): void {
    this.#handlers = handlers
    if (this.#closed !== undefined) {
      handlers.onClosed(this.#closed)
      return
    }
    this.#socket.send(packetType.handshakeAck)
    this.#heartbeat.start()
  }

  /** Why the connection ended, if it has. */
  get closed(): CloseReason | undefined {
    return this.#closed
  }

  /**
   * Sends a message.
   *
   * @throws HydraError `CONNECTION_CLOSED`, or what `PacketSocket.send` throws.
   */
  send(message: Message): void {
    if (this.#closed !== undefined) throw connectionClosed(this.#closed)
    this.#socket.send(packetType.data, encodeMessage(message))
  }

  /** Ends the connection. Resolves when the socket is closed, at the latest after two seconds. */
  close(): Promise<void> {
    this.#end({ code: 'CLIENT_CLOSED', reason: 'This client closed the connection.', kicked: false })
    if (this.#socketClosed) return Promise.resolve()
    return new Promise((resolve) => {
      const timer = this.#clock.after(closeTimeoutMs, resolve)
      this.#onSocketClosed.push(() => {
        timer.cancel()
        resolve()
      })
    })
  }

  #receive(packet: Packet): void {
    if (this.#closed !== undefined) return
    this.#heartbeat.sawTraffic()
    switch (packet.type) {
      case packetType.data:
        return this.#receiveMessage(packet.body)
      case packetType.kick:
        return this.#end(kickReason(packet.body))
      case packetType.heartbeat:
        return
      case packetType.handshake:
      case packetType.handshakeAck:
        return this.#protocolError('a second handshake')
    }
  }

  #receiveMessage(body: Uint8Array): void {
    if (this.#handlers === undefined) return this.#protocolError('data before the handshake was acknowledged')
    let message: Message
    try {
      message = decodeMessage(body)
    } catch (error) {
      return this.#protocolError(HydraError.from(error).message)
    }
    if (message.compressed === true)
      return this.#protocolError('a compressed message, which nobody asked for')
    this.#handlers.onMessage(message)
  }

  #protocolError(what: string): void {
    this.#end({ code: 'PROTOCOL_ERROR', reason: `The server broke the protocol: ${what}`, kicked: false })
  }

  #end(reason: CloseReason): void {
    if (this.#closed !== undefined) return
    this.#closed = reason
    this.#heartbeat.stop()
    this.#socket.close()
    this.#handlers?.onClosed(reason)
  }
}
