import { Hono } from 'hono'
import type { Clock } from './clock.ts'
import type { OpsConfig } from './config-sections.ts'
import { startHttpServer, type HttpServer } from './http-server.ts'
import type { Logger } from './logger.ts'
import type { Metrics } from './metrics.ts'
import type { Readiness } from './readiness.ts'

/** What the operations endpoint reports about. */
export interface OpsOptions {
  readonly readiness: Readiness
  readonly metrics: Metrics
}

/**
 * The operations endpoint as a hono application, to be mounted or served:
 * `/healthz` answers 200 while the process can answer at all (restart it otherwise), `/readyz` answers 200 or 503 with
 * the state and each check (send it no work on 503), `/metrics` the metrics as Prometheus text.
 *
 * @example app.route('/', createOpsApp({ readiness, metrics }))
 */
export function createOpsApp({ readiness, metrics }: OpsOptions): Hono {
  const app = new Hono()
  app.get('/healthz', (context) => context.json({ status: 'alive' }))
  app.get('/readyz', async (context) => {
    const { ready, status, checks } = await readiness.report()
    return context.json({ status, checks }, ready ? 200 : 503)
  })
  app.get('/metrics', async (context) =>
    context.body(await metrics.expose(), 200, { 'content-type': 'text/plain; version=0.0.4; charset=utf-8' }),
  )
  return app
}

/**
 * Serves {@link createOpsApp} on its own port, as `[ops]` says; answers `undefined` when that section turns it off.
 * To be started before anything that can fail or wait, so that the reason can be seen.
 *
 * @throws Error of `node:net`, for example `EADDRINUSE`.
 * @example const ops = await startOpsServer({ config: config.ops, readiness, metrics, clock, log })
 */
export async function startOpsServer(
  options: OpsOptions & { readonly config: OpsConfig; readonly clock: Clock; readonly log: Logger },
): Promise<HttpServer | undefined> {
  const { config, clock, log } = options
  if (!config.enabled) return undefined
  const app = createOpsApp(options)
  const server = await startHttpServer({
    app,
    host: config.host,
    port: config.port,
    clock,
    connectionsMax: 256,
  })
  log.info({ ...server.address }, 'operations endpoint is up')
  return server
}
