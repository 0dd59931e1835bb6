import { Message, Package } from 'pinus-protocol'
import { WebSocket } from 'ws'

interface HandshakeAnswer {
  readonly code: number
  readonly sys: { readonly heartbeat: number; readonly dict?: Readonly<Record<string, number>> }
}

/**
 * A client that behaves as Pomelo's JavaScript client does, on the codec of pinus-protocol and nothing of Hydra's:
 * JSON bodies, the dictionary both ways, a heartbeat for each heartbeat, an exception for an empty body.
 * Behaviour after https://github.com/pomelonode/pomelo-jsclient-websocket
 */
export class PomeloClient {
  readonly kicked: Promise<unknown>
  readonly disconnected: Promise<void>
  heartbeatsReceived = 0
  /** What came that this client could not read. */
  readonly failures: unknown[] = []
  readonly #socket: WebSocket
  readonly #answers = new Map<number, (body: unknown) => void>()
  readonly #listeners = new Map<string, (body: unknown) => void>()
  #dict: Readonly<Record<string, number>> = {}
  #abbreviations = new Map<number, string>()
  #requestId = 0
  #onHandshake: (answer: HandshakeAnswer) => void = () => {}
  #onKick: (kick: unknown) => void = () => {}

  constructor(url: string) {
    this.#socket = new WebSocket(url)
    this.#socket.on('error', (error) => this.failures.push(error))
    this.kicked = new Promise((resolve) => (this.#onKick = resolve))
    this.disconnected = new Promise((resolve) => this.#socket.on('close', () => resolve()))
    this.#socket.on('message', (data) => {
      try {
        const decoded = Package.decode(data as Buffer)
        for (const one of Array.isArray(decoded) ? decoded : [decoded]) this.#onPackage(one)
      } catch (error) {
        this.failures.push(error)
      }
    })
  }

  /** Connects and shakes hands, as `pomelo.init` does. */
  async init(): Promise<HandshakeAnswer> {
    const answered = new Promise<HandshakeAnswer>((resolve) => (this.#onHandshake = resolve))
    this.#socket.on('open', () => {
      const sys = { type: 'js-websocket', version: '0.0.1', rsa: {} }
      this.#send(1, JSON.stringify({ sys, user: {} }))
    })
    const answer = await answered
    this.#dict = answer.sys.dict ?? {}
    this.#abbreviations = new Map(Object.entries(this.#dict).map(([route, code]) => [code, route]))
    this.#send(2)
    return answer
  }

  request(route: string, body: unknown = {}): Promise<unknown> {
    const id = ++this.#requestId
    const answered = new Promise((resolve) => this.#answers.set(id, resolve))
    this.#sendMessage(id, 0, route, body)
    return answered
  }

  notify(route: string, body: unknown = {}): void {
    this.#sendMessage(0, 1, route, body)
  }

  on(route: string, listener: (body: unknown) => void): void {
    this.#listeners.set(route, listener)
  }

  /** Whether a route travels as a code. */
  isCoded(route: string): boolean {
    return this.#dict[route] !== undefined
  }

  disconnect(): void {
    this.#socket.close()
  }

  #sendMessage(id: number, type: 0 | 1, route: string, body: unknown): void {
    const code = this.#dict[route]
    const bytes = Message.encode(
      id,
      type,
      code !== undefined,
      code ?? route,
      Buffer.from(JSON.stringify(body)),
    )
    this.#send(4, bytes)
  }

  #send(type: number, body?: string | Uint8Array): void {
    this.#socket.send(Package.encode(type, body === undefined ? undefined : Buffer.from(body)))
  }

  #onPackage({ type, body }: { readonly type: number; readonly body: Uint8Array | null }): void {
    if (type === 1) this.#onHandshake(parse(body) as HandshakeAnswer)
    else if (type === 3) {
      // The original waits one interval before it answers; the point here is that it answers each of them.
      this.heartbeatsReceived++
      if (this.heartbeatsReceived < 3) this.#send(3)
    } else if (type === 4)
      this.#onMessage(Message.decode(body === null ? Buffer.alloc(0) : Buffer.from(body)))
    else if (type === 5) this.#onKick(parse(body))
  }

  #onMessage({ id, type, route, compressRoute, body }: ReturnType<typeof Message.decode>): void {
    const parsed = parse(body)
    if (type === 2) {
      this.#answers.get(id)?.(parsed)
      this.#answers.delete(id)
      return
    }
    const name = compressRoute === 1 ? this.#abbreviations.get(Number(route)) : String(route)
    if (name === undefined)
      throw new Error(`a push under the code ${route}, which the dictionary does not have`)
    this.#listeners.get(name)?.(parsed)
  }
}

/** As the original: an empty body is an exception. */
const parse = (body: Uint8Array | null): unknown => JSON.parse(Buffer.from(body ?? []).toString('utf8'))
