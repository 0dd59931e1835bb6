import {
  bodyCodec,
  decodeMessage,
  decodePacket,
  encodeMessage,
  encodePacket,
  handshakeRequest,
  packetType,
  type HandshakeRequest,
  type Message,
  type Packet,
  type PacketType,
  type Serializer,
} from '@hydra/protocol'
import { WebSocketServer, type WebSocket } from 'ws'

type RequestMessage = Extract<Message, { kind: 'request' }>

/** Values that arrive in order and are awaited one by one; what was awaited too early waits, what came early is kept. */
class Arrivals<T> {
  readonly #values: T[] = []
  readonly #waiting: ((value: T) => void)[] = []

  add(value: T): void {
    const waiting = this.#waiting.shift()
    if (waiting === undefined) this.#values.push(value)
    else waiting(value)
  }

  next(): Promise<T> {
    const value = this.#values.shift()
    return value === undefined
      ? new Promise((resolve) => this.#waiting.push(resolve))
      : Promise.resolve(value)
  }
}

/** A real WebSocket server whose side of the protocol each test plays by hand. */
export class PeerServer {
  readonly url: string
  readonly #server: WebSocketServer
  readonly #peers = new Arrivals<Peer>()

  private constructor(server: WebSocketServer) {
    const address = server.address()
    if (address === null || typeof address === 'string') throw new Error('the server has no port')
    this.url = `ws://127.0.0.1:${address.port}`
    this.#server = server
    server.on('connection', (socket) => this.#peers.add(new Peer(socket)))
  }

  static listen(): Promise<PeerServer> {
    const server = new WebSocketServer({ host: '127.0.0.1', port: 0 })
    return new Promise((resolve, reject) => {
      server.once('error', reject)
      server.once('listening', () => resolve(new PeerServer(server)))
    })
  }

  /** The next client that connects. */
  accept(): Promise<Peer> {
    return this.#peers.next()
  }

  async close(): Promise<void> {
    for (const socket of this.#server.clients) socket.terminate()
    await new Promise((resolve) => this.#server.close(resolve))
  }
}

/** The server's end of one connection. */
export class Peer {
  /** Resolves with the WebSocket code when the client has closed. */
  readonly closed: Promise<number>
  readonly #socket: WebSocket
  readonly #received = new Arrivals<Uint8Array>()
  #serializer: Serializer = 'msgpack'

  constructor(socket: WebSocket) {
    this.#socket = socket
    socket.binaryType = 'arraybuffer'
    socket.on('message', (data) => this.#received.add(new Uint8Array(data as ArrayBuffer)))
    this.closed = new Promise((resolve) => socket.once('close', resolve))
  }

  nextBytes(): Promise<Uint8Array> {
    return this.#received.next()
  }

  async nextPacket(): Promise<Packet> {
    return decodePacket(await this.nextBytes())
  }

  async nextMessage(): Promise<Message> {
    const packet = await this.nextPacket()
    if (packet.type !== packetType.data) throw new Error(`expected data, got a packet of type ${packet.type}`)
    return decodeMessage(packet.body)
  }

  async nextRequest(): Promise<RequestMessage> {
    const message = await this.nextMessage()
    if (message.kind !== 'request') throw new Error(`expected a request, got a ${message.kind}`)
    return message
  }

  /** Reads the handshake, answers it with `answer` over a sound default, and waits for the acknowledgement. */
  async handshake(
    answer: { heartbeat?: number; dict?: Record<string, number> } = {},
  ): Promise<HandshakeRequest> {
    const request = await this.readHandshake()
    const serializer = request.sys.serializer === 'json' ? 'json' : 'msgpack'
    this.#serializer = serializer
    this.answerHandshake({ code: 200, sys: { heartbeat: 0, serializer, ...answer } })
    const { type } = await this.nextPacket()
    if (type !== packetType.handshakeAck) throw new Error(`expected an acknowledgement, got type ${type}`)
    return request
  }

  async readHandshake(): Promise<HandshakeRequest> {
    const { type, body } = await this.nextPacket()
    if (type !== packetType.handshake) throw new Error(`expected a handshake, got type ${type}`)
    return handshakeRequest.parse(bodyCodec('json').decode(body))
  }

  answerHandshake(answer: unknown): void {
    this.send(packetType.handshake, bodyCodec('json').encode(answer))
  }

  respond(
    { id }: RequestMessage,
    value: unknown,
    flags: { error?: boolean; compressed?: boolean } = {},
  ): void {
    this.sendMessage({ kind: 'response', id, body: this.body(value), ...flags })
  }

  push(route: string | number, value: unknown): void {
    this.sendMessage({ kind: 'push', route, body: this.body(value) })
  }

  kick(value: unknown): void {
    this.send(packetType.kick, bodyCodec('json').encode(value))
  }

  body(value: unknown): Uint8Array {
    return bodyCodec(this.#serializer).encode(value)
  }

  decode(body: Uint8Array): unknown {
    return bodyCodec(this.#serializer).decode(body)
  }

  sendMessage(message: Message): void {
    this.send(packetType.data, encodeMessage(message))
  }

  send(type: PacketType, body?: Uint8Array): void {
    this.sendRaw(encodePacket(type, body))
  }

  sendRaw(data: Uint8Array | string): void {
    this.#socket.send(data)
  }

  /** What is sent inside leaves as one piece of TCP. */
  together(send: () => void): void {
    // ws has no public way to its TCP socket.
    const { _socket: tcp } = this.#socket as unknown as { _socket: { cork(): void; uncork(): void } }
    tcp.cork()
    send()
    tcp.uncork()
  }

  close(code?: number, reason?: string): void {
    this.#socket.close(code, reason)
  }

  /** Stops reading, as a server does that hangs. */
  pause(): void {
    this.#socket.pause()
  }

  /** Drops the connection without a word. */
  terminate(): void {
    this.#socket.terminate()
  }
}
