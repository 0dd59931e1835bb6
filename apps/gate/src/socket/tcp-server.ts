import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import { createServer, type Server, type Socket } from 'node:net'
import { createSecureContext, TLSSocket, type SecureContext } from 'node:tls'
import {
  ListenError,
  type ServerCertificate,
  type SocketServer,
  type SocketServerOptions,
} from './connection.ts'
import { readProxyHeader } from './proxy-protocol.ts'
import { normalizeAddress } from './remote-address.ts'
import { TcpConnection } from './tcp-connection.ts'
import { Topics } from './topics.ts'
import { TurnEnd } from './turn-end.ts'

/** Options of TCP besides those of every transport. */
export interface TcpServerOptions extends SocketServerOptions {
  /**
   * Whether each connection begins with a PROXY header, versions 1 or 2. Only the trusted proxies may connect then:
   * anybody else could claim any address.
   */
  readonly proxyProtocol?: boolean | undefined
}

/** A client that has not got through the header of its proxy and its TLS handshake by then is none. */
const openingTimeoutMs = 10_000
/** So many may be about to; they are not counted by the gate yet. */
const openingMax = 1_000

/** Packets in a plain stream, without WebSocket. @throws ListenError; Error when the certificate cannot be read. */
export async function openTcpServer(options: TcpServerOptions): Promise<SocketServer> {
  const { host, port, accept } = options
  const topics = new Topics()
  const turnEnd = new TurnEnd()
  const live = new Set<Socket>()
  const secure = options.tls === undefined ? undefined : await readCertificate(options.tls)

  let opening = 0

  const opened = (socket: Socket, address: string) => {
    const connection = new TcpConnection({ socket, address, topics, turnEnd, ...options })
    connection.listen(accept(connection))
  }
  const server = createServer({ noDelay: true, pauseOnConnect: true }, (socket) => {
    live.add(socket)
    socket.once('close', () => live.delete(socket))
    // Each later step has a listener of its own; without one an error would end the process.
    socket.on('error', () => {})
    if (opening >= openingMax) return void socket.destroy()
    opening++
    open(socket, options, secure)
      .then(
        ({ client, address }) => opened(client, address),
        () => void socket.destroy(),
      )
      .finally(() => opening--)
  })

  let closed: Promise<void> | undefined
  const stopListening = () => (closed ??= new Promise((resolve) => void server.close(() => resolve())))
  return {
    transport: 'tcp',
    address: { host, port: await listen(server, host, port) },
    publish(topic, packet) {
      turnEnd.flush()
      topics.publish(topic, packet)
    },
    subscribers: (topic) => topics.subscribers(topic),
    stopListening: () => void stopListening(),
    async close() {
      for (const socket of live) socket.destroy()
      await stopListening()
    },
  }
}

async function listen(server: Server, host: string, port: number): Promise<number> {
  server.listen({ host, port, exclusive: true })
  try {
    await once(server, 'listening')
  } catch (cause) {
    throw new ListenError(host, port, { cause })
  }
  const address = server.address()
  if (address === null || typeof address === 'string') throw new ListenError(host, port)
  return address.port
}

async function readCertificate({ certFile, keyFile }: ServerCertificate): Promise<SecureContext> {
  const [cert, key] = await Promise.all([readFile(certFile), readFile(keyFile)])
  return createSecureContext({ cert, key })
}

/** What comes before the first packet. @throws Error when the connection is none that is wanted. */
async function open(
  socket: Socket,
  { proxyProtocol = false, trustedProxies }: TcpServerOptions,
  secure: SecureContext | undefined,
): Promise<{ client: Socket; address: string }> {
  const peer = normalizeAddress(socket.remoteAddress ?? '')
  if (!proxyProtocol && secure === undefined) return { client: socket, address: peer }
  const timer = setTimeout(() => socket.destroy(), openingTimeoutMs)
  try {
    let address = peer
    if (proxyProtocol) {
      if (trustedProxies?.has(peer) !== true) throw new Error(`${peer} is no trusted proxy.`)
      address = normalizeAddress((await takeProxyHeader(socket)) ?? peer)
    }
    if (secure === undefined) return { client: socket, address }
    const client = new TLSSocket(socket, { isServer: true, secureContext: secure })
    client.on('error', () => socket.destroy())
    await once(client, 'secure')
    return { client, address }
  } finally {
    clearTimeout(timer)
  }
}

/** Reads the header and puts what follows back. */
async function takeProxyHeader(socket: Socket): Promise<string | undefined> {
  let read: Buffer = Buffer.alloc(0)
  for (;;) {
    const chunk = socket.read() as Buffer | null
    if (chunk !== null) {
      read = Buffer.concat([read, chunk])
      const header = readProxyHeader(read)
      if (header !== undefined) {
        if (header.bytes < read.length) socket.unshift(read.subarray(header.bytes))
        return header.address
      }
    }
    if (socket.destroyed || socket.readableEnded)
      throw new Error('The connection ended inside its PROXY header.')
    await Promise.race([once(socket, 'readable'), once(socket, 'close')])
  }
}
