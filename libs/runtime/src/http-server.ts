import { once } from 'node:events'
import type { IncomingMessage, Server, ServerResponse } from 'node:http'
import { createAdaptorServer } from '@hono/node-server'
import type { Hono } from 'hono'
import type { Clock } from './clock.ts'

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
  readonly clock: Clock
  /** Bound of {@link HttpServer.close}; 1000 when absent. */
  readonly closeTimeoutMs?: number
  /** Header and body must have arrived within this time; 15000 when absent. */
  readonly requestTimeoutMs?: number
  /** Connections beyond this are dropped; 4096 when absent. */
  readonly connectionsMax?: number
}

/**
 * Serves a hono application on a socket.
 *
 * @throws Error of `node:net`, for example `EADDRINUSE`.
 * @example const server = await startHttpServer({ app, host: '127.0.0.1', port: 0, clock: systemClock })
 */
export async function startHttpServer(options: HttpServerOptions): Promise<HttpServer> {
  const { app, host, port, clock, closeTimeoutMs = 1_000, requestTimeoutMs = 15_000 } = options
  const server = createAdaptorServer({
    fetch: app.fetch,
    hostname: host,
    overrideGlobalObjects: false,
    serverOptions: { requestTimeout: requestTimeoutMs, headersTimeout: requestTimeoutMs },
  }) as Server
  server.maxConnections = options.connectionsMax ?? 4_096
  const underWay = trackResponses(server)
  server.listen(port, host)
  await once(server, 'listening')
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('an HTTP server listens on a port')
  return {
    address: { host, port: address.port },
    close: () => close(server, underWay, clock, closeTimeoutMs),
  }
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

async function close(
  server: Server,
  underWay: ReadonlySet<ServerResponse>,
  clock: Clock,
  timeoutMs: number,
): Promise<void> {
  if (!server.listening) return
  const closed = once(server, 'close')
  server.close()
  server.closeIdleConnections()
  // A connection kept for the next request would outlive its last answer: tell the client, and close it.
  for (const response of underWay) response.shouldKeepAlive = false
  const timer = clock.after(timeoutMs, () => server.closeAllConnections())
  await closed
  timer.cancel()
}
