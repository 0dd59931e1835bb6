import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import { createServer, type Server } from 'node:http'
import { createServer as createHttpsServer } from 'node:https'
import type { Socket } from 'node:net'
import { WebSocketServer, type ServerOptions, type WebSocket } from 'ws'
import {
  ListenError,
  type CloseCause,
  type Connection,
  type ConnectionListener,
  type ServerCertificate,
  type SocketServer,
  type SocketServerOptions,
} from './connection.ts'
import { normalizeAddress } from './remote-address.ts'
import { Subscriptions, Topics } from './topics.ts'

/** A client that has not sent its whole request by then is no client; the same as the native transport's. */
const requestTimeoutMs = 10_000
/** How long a closed connection may take to read what is left; about the same as the native transport's. */
const lingerMs = 4_000

/** WebSocket on the `ws` library: for machines where the native binary cannot load. @throws ListenError; Error when the certificate cannot be read. */
export async function openWsServer(options: SocketServerOptions): Promise<SocketServer> {
  const { host, accept, tls, trustedProxies } = options
  const topics = new Topics()
  const live = new Set<WebSocket>()

  const http = await createHttpServer(tls)
  // The server's own list lacks those that have not agreed on TLS yet.
  const raw = new Set<Socket>()
  http.on('connection', (socket: Socket) => {
    raw.add(socket)
    socket.once('close', () => raw.delete(socket))
  })
  http.on('request', (_request, response) => response.writeHead(426, { upgrade: 'websocket' }).end())
  // The typings do not know closeTimeout yet.
  const sockets = new WebSocketServer({
    noServer: true,
    maxPayload: options.maxMessageBytes,
    perMessageDeflate: false,
    clientTracking: false,
    closeTimeout: lingerMs,
  } as ServerOptions)
  http.on('upgrade', (request, stream, head) => {
    const peer = normalizeAddress(request.socket.remoteAddress ?? '')
    const forwardedFor = String(request.headers['x-forwarded-for'] ?? '')
    const address = trustedProxies?.clientOf(peer, forwardedFor) ?? peer
    sockets.handleUpgrade(request, stream, head, (socket) => {
      const connection = new WsConnection(socket, address, topics, options.maxBackpressureBytes)
      live.add(socket)
      socket.once('close', () => live.delete(socket))
      connection.listen(accept(connection))
    })
  })

  http.listen(options.port, host)
  try {
    await once(http, 'listening')
  } catch (cause) {
    throw new ListenError(host, options.port, { cause })
  }
  const address = http.address()
  if (address === null || typeof address === 'string') throw new ListenError(host, options.port)

  let closed: Promise<void> | undefined
  const stopListening = () => {
    closed ??= new Promise((resolve) => http.close(() => resolve()))
    http.closeIdleConnections()
    return closed
  }
  return {
    transport: 'ws',
    address: { host, port: address.port },
    publish: (topic, packet) => topics.publish(topic, packet),
    subscribers: (topic) => topics.subscribers(topic),
    stopListening: () => void stopListening(),
    async close() {
      for (const socket of live) socket.terminate()
      const stopped = stopListening()
      http.closeAllConnections()
      for (const socket of raw) socket.destroy()
      await stopped
    },
  }
}

async function createHttpServer(tls: ServerCertificate | undefined): Promise<Server> {
  const bounds = {
    requestTimeout: requestTimeoutMs,
    headersTimeout: requestTimeoutMs,
    connectionsCheckingInterval: requestTimeoutMs / 4,
  }
  if (tls === undefined) return createServer(bounds)
  const [cert, key] = await Promise.all([readFile(tls.certFile), readFile(tls.keyFile)])
  return createHttpsServer({ ...bounds, cert, key, handshakeTimeout: requestTimeoutMs })
}

class WsConnection implements Connection {
  readonly transport = 'ws'
  readonly remoteAddress: string
  readonly #socket: WebSocket
  readonly #subscriptions: Subscriptions
  readonly #maxBackpressureBytes: number
  #listener: ConnectionListener | undefined
  #open = true
  #overflowed = false

  constructor(socket: WebSocket, remoteAddress: string, topics: Topics, maxBackpressureBytes: number) {
    this.#socket = socket
    this.remoteAddress = remoteAddress
    this.#subscriptions = new Subscriptions(topics, this)
    this.#maxBackpressureBytes = maxBackpressureBytes
  }

  listen(listener: ConnectionListener | undefined): void {
    this.#listener = listener
    // With the default `binaryType` a message is one Buffer of its own.
    this.#socket.on('message', (bytes, isBinary) => {
      if (this.#open) listener?.onMessage(bytes as Buffer, isBinary)
    })
    this.#socket.on('error', (error: NodeJS.ErrnoException) => {
      this.#ended(error.code === 'WS_ERR_UNSUPPORTED_MESSAGE_LENGTH' ? 'message-too-large' : 'closed')
    })
    this.#socket.on('close', () => this.#ended('closed'))
  }

  get bufferedBytes(): number {
    return this.#open ? this.#socket.bufferedAmount : 0
  }

  send(packet: Uint8Array): boolean {
    if (!this.#open || this.#overflowed) return false
    if (this.#socket.bufferedAmount > this.#maxBackpressureBytes) {
      this.#overflow()
      return false
    }
    this.#socket.send(packet, { binary: true })
    return true
  }

  close(code: number, reason: string): void {
    if (!this.#open) return
    this.#socket.close(code, reason)
    this.#ended('closed')
  }

  terminate(): void {
    if (!this.#open) return
    this.#socket.terminate()
    this.#ended('closed')
  }

  subscribe(topic: string): void {
    if (this.#open) this.#subscriptions.add(topic)
  }

  unsubscribe(topic: string): void {
    this.#subscriptions.remove(topic)
  }

  unsubscribeAll(): void {
    this.#subscriptions.clear()
  }

  #overflow(): void {
    this.#overflowed = true
    setImmediate(() => {
      if (this.#open) this.#listener?.onOverflow()
    })
  }

  #ended(cause: CloseCause): void {
    if (!this.#open) return
    this.#open = false
    this.unsubscribeAll()
    this.#listener?.onClose(cause)
  }
}
