import { inflateSync } from 'node:zlib'
import {
  bodyCodec,
  decodeMessage,
  decodePacket,
  encodeMessage,
  encodeMessageId,
  encodePacket,
  handshakeResponse,
  kickBody,
  packetType,
  type ErrorBody,
  type HandshakeResponse,
  type KickBody,
  type Message,
  type PacketType,
  type RouteRef,
  type Serializer,
} from '@hydra/protocol'
import { WebSocket } from 'ws'
import { TcpSocket } from './tcp-socket.ts'

/** What a gate sends. */
export type Received =
  | { readonly kind: 'handshake'; readonly answer: HandshakeResponse }
  | { readonly kind: 'heartbeat' }
  | { readonly kind: 'kick'; readonly kick: KickBody }
  | { readonly kind: 'message'; readonly message: Message; readonly bytes: Uint8Array }

/** The body of a response, or the error that it carries. */
export interface Answer {
  readonly error: ErrorBody | undefined
  readonly body: unknown
}

type Of<K extends Received['kind']> = Extract<Received, { kind: K }>

/** A client that does nothing by itself: no answer to heartbeats, no acknowledgement, every byte as the test says. */
export class RawClient {
  readonly socket: WebSocket | TcpSocket
  serializer: Serializer = 'json'
  /** Resolves when the gate, or the network, has ended the connection. */
  readonly closed: Promise<{ readonly code: number; readonly reason: string }>
  readonly #inbox: Received[] = []
  readonly #waiting: (() => void)[] = []
  #isOver = false
  #lastId = 0

  /** `ws://` or `tcp://`. */
  constructor(url: string) {
    const isTcp = url.startsWith('tcp:')
    this.socket = isTcp ? new TcpSocket(Number(new URL(url).port)) : new WebSocket(url)
    // A connection that the gate cuts is an error for this library and often the point of a test.
    this.socket.on('error', () => {})
    this.socket.on('message', (data: Buffer) => {
      this.#inbox.push(read(new Uint8Array(data)))
      this.#wake()
    })
    this.closed = new Promise((resolve) => {
      this.socket.on('close', (code: number, reason: Buffer) => {
        this.#isOver = true
        this.#wake()
        resolve({ code, reason: reason.toString() })
      })
    })
  }

  /** Resolves when the WebSocket is open; rejects when it never will be. */
  async open(): Promise<this> {
    while (this.socket.readyState === WebSocket.CONNECTING && !this.#isOver) {
      await new Promise<void>((resolve) => {
        this.#waiting.push(resolve)
        this.socket.once('open', resolve)
      })
    }
    if (this.socket.readyState !== WebSocket.OPEN) throw new Error('the gate did not take the connection')
    return this
  }

  send(bytes: Uint8Array | string): void {
    this.socket.send(bytes)
  }

  sendPacket(type: PacketType, body?: Uint8Array | string): void {
    this.send(encodePacket(type, typeof body === 'string' ? new TextEncoder().encode(body) : body))
  }

  sendMessage(message: Message): void {
    this.sendPacket(packetType.data, encodeMessage(message))
  }

  /** Shakes hands, without acknowledging. */
  async shakeHands(sys: Readonly<Record<string, unknown>> = {}): Promise<HandshakeResponse> {
    this.sendPacket(packetType.handshake, JSON.stringify({ sys: { type: 'raw', version: '1.0.0', ...sys } }))
    return (await this.next('handshake')).answer
  }

  /** Becomes a client that the gate serves. */
  async start(serializer: Serializer = 'json', sys: Readonly<Record<string, unknown>> = {}): Promise<this> {
    await this.open()
    await this.shakeHands({ serializer, ...sys })
    this.serializer = serializer
    this.sendPacket(packetType.handshakeAck)
    await this.next('heartbeat')
    return this
  }

  /** Sends a request and answers its id. */
  post(route: RouteRef, body: unknown, id = encodeMessageId(++this.#lastId)): Uint8Array {
    this.sendMessage({ kind: 'request', id, route, body: bodyCodec(this.serializer).encode(body) })
    return id
  }

  notify(route: RouteRef, body: unknown): void {
    this.sendMessage({ kind: 'notify', route, body: bodyCodec(this.serializer).encode(body) })
  }

  /** Sends a request and waits for its response. */
  async ask(route: RouteRef, body: unknown = {}): Promise<Answer> {
    return this.answer(this.post(route, body))
  }

  /** The response to an id. */
  async answer(id: Uint8Array): Promise<Answer> {
    const { message } = await this.next(
      'message',
      ({ message }) => message.kind === 'response' && equalBytes(message.id, id),
    )
    const body = this.#decode(message)
    const isError = message.kind === 'response' && message.error === true
    return { error: isError ? (body as ErrorBody) : undefined, body }
  }

  /** The next push, decoded. */
  async push(): Promise<{ readonly route: RouteRef; readonly body: unknown; readonly compressed: boolean }> {
    const { message } = await this.next('message', ({ message }) => message.kind === 'push')
    if (message.kind !== 'push') throw new Error('not a push')
    return { route: message.route, body: this.#decode(message), compressed: message.compressed === true }
  }

  /** Why the gate kicked this client. */
  async kick(): Promise<KickBody> {
    return (await this.next('kick')).kick
  }

  /** Takes the first thing of a kind that was received and not taken yet; throws when the connection ends first. */
  async next<K extends Received['kind']>(
    kind: K,
    matches: (received: Of<K>) => boolean = () => true,
  ): Promise<Of<K>> {
    for (;;) {
      const index = this.#inbox.findIndex((one) => one.kind === kind && matches(one as Of<K>))
      const [found] = index === -1 ? [] : this.#inbox.splice(index, 1)
      if (found !== undefined) return found as Of<K>
      if (this.#isOver) throw new Error(`the connection ended before a ${kind} came`)
      await new Promise<void>((resolve) => void this.#waiting.push(resolve))
    }
  }

  /** What was received and not taken, in order. */
  get inbox(): readonly Received[] {
    return this.#inbox
  }

  close(): void {
    this.socket.terminate()
  }

  #decode({ body, compressed }: Message): unknown {
    return bodyCodec(this.serializer).decode(compressed === true ? inflateSync(body) : body)
  }

  #wake(): void {
    for (const wake of this.#waiting.splice(0)) wake()
  }
}

function read(bytes: Uint8Array): Received {
  const { type, body } = decodePacket(bytes)
  const json = (): unknown => JSON.parse(new TextDecoder().decode(body))
  switch (type) {
    case packetType.handshake:
      return { kind: 'handshake', answer: handshakeResponse.parse(json()) }
    case packetType.heartbeat:
      return { kind: 'heartbeat' }
    case packetType.kick:
      return { kind: 'kick', kick: kickBody.parse(json()) }
    case packetType.data:
      return { kind: 'message', message: decodeMessage(body), bytes: body }
    case packetType.handshakeAck:
      throw new Error('a gate does not acknowledge')
    default:
      return type satisfies never
  }
}

const equalBytes = (a: Uint8Array, b: Uint8Array): boolean =>
  a.length === b.length && a.every((byte, index) => byte === b[index])
