import {
  bodyCodec,
  decodeMessage,
  decodePacket,
  encodeMessage,
  encodePacket,
  packetType,
  routes,
  type Message,
  type RequestOf,
  type ResponseOf,
  type Route,
} from '@hydra/protocol'
import { WebSocket } from 'ws'

/** Another address than the player's, so that the limits of one address are met by attackers alone. */
export const attackerAddress = '127.0.0.66'

const { encode, decode } = bodyCodec('msgpack')

/** A client that sends what it likes and reads what it must. */
export class Attacker {
  /** Resolves when the connection has ended. */
  readonly closed: Promise<void>
  readonly #socket: WebSocket
  readonly #waiting: ((packet: Buffer) => void)[] = []

  private constructor(socket: WebSocket) {
    this.#socket = socket
    this.closed = new Promise((resolve) => void socket.once('close', () => resolve()))
    socket.on('message', (packet: Buffer) => this.#waiting.shift()?.(packet))
    // A connection that the gate cuts is what this is about.
    socket.on('error', () => {})
  }

  /** A connection that has said nothing yet. */
  static async open(port: number): Promise<Attacker> {
    const socket = new WebSocket(`ws://127.0.0.1:${port}`, { localAddress: attackerAddress })
    const attacker = new Attacker(socket)
    await Promise.race([new Promise((resolve) => socket.once('open', resolve)), attacker.closed])
    return attacker
  }

  /** A connection that has shaken hands. */
  static async start(port: number): Promise<Attacker> {
    const attacker = await Attacker.open(port)
    const hello = { sys: { type: 'attacker', version: '1.0.0', serializer: 'msgpack' } }
    const answered = attacker.#next()
    attacker.#write(encodePacket(packetType.handshake, Buffer.from(JSON.stringify(hello))))
    await answered
    // The first heartbeat says that the gate has seen the acknowledgement.
    const heard = attacker.#next()
    attacker.#write(encodePacket(packetType.handshakeAck))
    await heard
    return attacker
  }

  send(message: Message): void {
    this.#write(encodePacket(packetType.data, encodeMessage(message)))
  }

  /** Sends a request whose answer nobody waits for. */
  post<R extends Route>(route: R, body: RequestOf<R>): void {
    this.send({ kind: 'request', id: Uint8Array.of(1), route: route.name, body: encode(body) })
  }

  /** Logs in and plays the account's role, which is made if there is none. */
  async enter(token: string): Promise<void> {
    await this.#ask(routes.gate.session.login, { token })
    const [first] = (await this.#ask(routes.game.role.list, {})).roles
    const name = `Slow${token.slice(-10).replaceAll(/\W/g, '0')}`
    const { rid } = first ?? (await this.#ask(routes.game.role.create, { name })).role
    await this.#ask(routes.game.role.enter, { rid })
  }

  stopReading(): void {
    this.#socket.pause()
  }

  async #ask<R extends Route>(route: R, body: RequestOf<R>): Promise<ResponseOf<R>> {
    const answered = this.#next()
    this.post(route, body)
    const message = decodeMessage(decodePacket(await answered).body)
    if (message.kind === 'response' && message.error !== true) return decode(message.body) as ResponseOf<R>
    throw new Error(`${route.name}: ${JSON.stringify(decode(message.body))}`)
  }

  /** The next packet, or nothing when the connection has ended. */
  async #next(): Promise<Buffer> {
    const packet = new Promise<Buffer>((resolve) => void this.#waiting.push(resolve))
    return Promise.race([packet, this.closed.then(() => Buffer.alloc(0))])
  }

  #write(packet: Uint8Array): void {
    if (this.#socket.readyState === WebSocket.OPEN) this.#socket.send(packet)
  }
}
