import { once } from 'node:events'
import { connect as connectTcp, type Socket } from 'node:net'
import { connect as connectTls } from 'node:tls'
import { encodePacket, packetHeaderBytes, PacketReader, packetType } from '@hydra/protocol'
import { WebSocket } from 'ws'

/** A packet around a text. */
export const packetOf = (text: string): Uint8Array =>
  encodePacket(packetType.data, new TextEncoder().encode(text))

/** The text of a packet. */
export const textOf = (packet: Uint8Array): string =>
  new TextDecoder().decode(packet.subarray(packetHeaderBytes))

/** How a client connects. */
export interface ClientOptions {
  /** TLS, and the authority that signed the server's certificate. */
  readonly ca?: string | undefined
  /** Before everything else, where the transport has such a place. */
  readonly preamble?: Uint8Array
}

/** A raw client that keeps what it received. */
export abstract class Client {
  /** The texts of the packets. */
  readonly received: string[] = []
  abstract readonly opened: Promise<void>
  /** With code and reason where the transport carries them. */
  abstract readonly closed: Promise<{ code?: number; reason?: string }>
  #wake: () => void = () => {}

  abstract send(packet: Uint8Array): void
  /** Reads nothing more. */
  abstract pause(): void
  /** Goes in good order. */
  abstract leave(): void
  /** Vanishes. */
  abstract terminate(): void

  async until(holds: () => boolean): Promise<void> {
    while (!holds()) await new Promise<void>((resolve) => (this.#wake = resolve))
  }

  protected note(packet: Uint8Array): void {
    this.received.push(textOf(packet))
    this.#wake()
  }
}

/** Over WebSocket. */
export class WsClient extends Client {
  readonly socket: WebSocket
  readonly opened: Promise<void>
  readonly closed: Promise<{ code: number; reason: string }>

  constructor(port: number, { ca }: ClientOptions = {}, headers: Record<string, string> = {}) {
    super()
    const scheme = ca === undefined ? 'ws' : 'wss'
    this.socket = new WebSocket(`${scheme}://127.0.0.1:${port}/any/path?query`, {
      headers,
      ...(ca === undefined ? {} : { ca }),
    })
    // A connection that the server cuts is an error for this library and an expected end for these tests.
    this.socket.on('error', () => {})
    this.socket.on('message', (data) => this.note(data as Buffer))
    this.opened = new Promise((resolve) => this.socket.on('open', resolve))
    this.closed = new Promise((resolve) => {
      this.socket.on('close', (code, reason) => resolve({ code, reason: reason.toString() }))
    })
  }

  send(packet: Uint8Array): void {
    this.socket.send(packet)
  }

  pause(): void {
    this.socket.pause()
  }

  leave(): void {
    this.socket.close(1000, 'bye')
  }

  terminate(): void {
    this.socket.terminate()
  }
}

/** Over plain TCP or TLS. */
export class TcpClient extends Client {
  readonly socket: Socket
  readonly opened: Promise<void>
  readonly closed: Promise<object>

  constructor(port: number, { ca, preamble }: ClientOptions = {}) {
    super()
    const raw = connectTcp(port, '127.0.0.1')
    raw.on('error', () => {})
    if (preamble !== undefined) raw.write(preamble)
    this.socket = ca === undefined ? raw : connectTls({ socket: raw, ca })
    this.socket.on('error', () => {})
    const packets = new PacketReader({ maxBodyBytes: 1 << 24 })
    this.socket.on('data', (chunk: Buffer) => packets.push(chunk, (_, bytes) => this.note(bytes)))
    this.opened = once(this.socket, ca === undefined ? 'connect' : 'secureConnect').then(() => undefined)
    this.opened.catch(() => {})
    this.closed = new Promise((resolve) => this.socket.on('close', () => resolve({})))
  }

  send(packet: Uint8Array): void {
    this.socket.write(packet)
  }

  pause(): void {
    this.socket.pause()
  }

  leave(): void {
    this.socket.end()
  }

  terminate(): void {
    this.socket.destroy()
  }
}
