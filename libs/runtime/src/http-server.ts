import { once } from 'node:events'
import type { IncomingMessage, Server, ServerResponse } from 'node:http'
import { createServer as createHttpsServer } from 'node:https'
import type { Socket } from 'node:net'
import { createAdaptorServer } from '@hono/node-server'
import type { Hono } from 'hono'
import type { Clock } from './clock.ts'
import type { TlsMaterial } from './tls-files.ts'

/** Where a server listens: the port is the real one, also when 0 was asked for. */
export interface ListenAddress {
  readonly host: string
  readonly port: number
}

/** A listening HTTP server. */
export interface HttpServer {
  readonly address: ListenAddress
  /** Takes no new connection, waits for the answers under way, cuts what is left after `closeTimeoutMs`. */
  close(): Promise<void>
}

/** What to serve and where. */
export interface HttpServerOptions {
  readonly app: Hono
  readonly host: string
  /** 0: any free port. */
  readonly port: number
  /** Certificate and key, to speak HTTPS; plain HTTP when absent. */
  readonly tls?: TlsMaterial | undefined
  readonly clock: Clock
  /** Bound of {@link HttpServer.close}; 1000 when absent. */
  readonly closeTimeoutMs?: number
  /** Header and body must have arrived within this time, and TLS been agreed on; 15000 when absent. */
  readonly requestTimeoutMs?: number
  /** Connections beyond this are dropped; 4096 when absent. */
  readonly connectionsMax?: number
  /** Connections of one address beyond this are dropped; no bound when absent. */
  readonly connectionsPerAddressMax?: number
  /** What a connection is counted under, `undefined` for those that are not counted; its address when absent. */
  readonly addressOf?: (remoteAddress: string) => string | undefined
}

/**
 * Serves a hono application on a socket.
 *
 * @throws Error of `node:net`, for example `EADDRINUSE`.
 * @example const server = await startHttpServer({ app, host: '127.0.0.1', port: 0, clock: systemClock })
 */
export async function startHttpServer(options: HttpServerOptions): Promise<HttpServer> {
  const { app, host, port, tls, clock, closeTimeoutMs = 1_000, requestTimeoutMs = 15_000 } = options
  const timeouts = {
    requestTimeout: requestTimeoutMs,
    headersTimeout: requestTimeoutMs,
    // Half a minute by default: slow senders would have that much longer.
    connectionsCheckingInterval: Math.min(requestTimeoutMs, 5_000),
  }
  const server = createAdaptorServer({
    fetch: app.fetch,
    hostname: host,
    overrideGlobalObjects: false,
    ...(tls === undefined
      ? { serverOptions: timeouts }
      : {
          createServer: createHttpsServer,
          serverOptions: { ...timeouts, ...tls, handshakeTimeout: requestTimeoutMs, minVersion: 'TLSv1.2' },
        }),
  }) as Server
  server.maxConnections = options.connectionsMax ?? 4_096
  boundAddresses(server, options)
  const underWay = trackResponses(server)
  const sockets = trackSockets(server)
  server.listen(port, host)
  await once(server, 'listening')
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('an HTTP server listens on a port')
  return {
    address: { host, port: address.port },
    close: () => close(server, { underWay, sockets }, clock, closeTimeoutMs),
  }
}

/** So that one sender, however slow, does not use up the connections of all. */
function boundAddresses(
  server: Server,
  { connectionsPerAddressMax: max, addressOf = (address) => address }: HttpServerOptions,
): void {
  if (max === undefined) return
  const open = new Map<string, number>()
  server.on('connection', (socket: Socket) => {
    const address = addressOf(socket.remoteAddress ?? '')
    if (address === undefined) return
    const others = open.get(address) ?? 0
    if (others >= max) return void socket.destroy()
    open.set(address, others + 1)
    socket.once('close', () => {
      const left = (open.get(address) ?? 1) - 1
      if (left === 0) open.delete(address)
      else open.set(address, left)
    })
  })
}

/** The responses that are not finished yet, at any moment. */
function trackResponses(server: Server): ReadonlySet<ServerResponse> {
  const underWay = new Set<ServerResponse>()
  server.on('request', (_: IncomingMessage, response: ServerResponse) => {
    underWay.add(response)
    response.once('close', () => underWay.delete(response))
  })
  return underWay
}

/** Every connection, also those that have not agreed on TLS yet, which the server's own list does not have. */
function trackSockets(server: Server): ReadonlySet<Socket> {
  const sockets = new Set<Socket>()
  server.on('connection', (socket: Socket) => {
    sockets.add(socket)
    socket.once('close', () => sockets.delete(socket))
  })
  return sockets
}

async function close(
  server: Server,
  {
    underWay,
    sockets,
  }: { readonly underWay: ReadonlySet<ServerResponse>; readonly sockets: ReadonlySet<Socket> },
  clock: Clock,
  timeoutMs: number,
): Promise<void> {
  if (!server.listening) return
  const closed = once(server, 'close')
  server.close()
  server.closeIdleConnections()
  // A connection kept for the next request would outlive its last answer: tell the client, and close it.
  for (const response of underWay) response.shouldKeepAlive = false
  const timer = clock.after(timeoutMs, () => {
    server.closeAllConnections()
    for (const socket of sockets) socket.destroy()
  })
  await closed
  timer.cancel()
}
