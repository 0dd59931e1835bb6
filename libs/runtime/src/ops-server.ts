import { createHash, timingSafeEqual } from 'node:crypto'
import { Hono, type Context } from 'hono'
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
  /** What a caller must show to see more than probes do; nothing when absent. */
  readonly token?: string | undefined
}

/**
 * What load balancers and supervisors ask, as a hono application to be mounted where everybody may ask: `/healthz`
 * answers 200 while the process can answer at all (restart it otherwise), `/readyz` answers 200 or 503 with the state
 * (send it no work on 503). Which checks there are, and what they say, is not told: it names what is inside.
 *
 * @example app.route('/', createProbesApp({ readiness }))
 */
export function createProbesApp({ readiness }: Pick<OpsOptions, 'readiness'>): Hono {
  const app = new Hono()
  app.get('/healthz', (context) => context.json({ status: 'alive' }))
  app.get('/readyz', async (context) => {
    const { ready, status } = await readiness.report()
    return context.json({ status }, ready ? 200 : 503)
  })
  return app
}

/**
 * The operations endpoint as a hono application, to be served to operators only: the probes of {@link createProbesApp},
 * with what each check says, and `/metrics` as Prometheus text. With a token, only for those who show it; the others
 * get the probes.
 */
function createOpsApp({ readiness, metrics, token }: OpsOptions): Hono {
  const mayLook = bearerCheck(token)
  const app = new Hono()
  app.get('/readyz', async (context, next) => {
    if (!mayLook(context)) return next()
    const { ready, status, checks } = await readiness.report()
    return context.json({ status, checks }, ready ? 200 : 503)
  })
  app.get('/metrics', async (context) => {
    if (!mayLook(context)) return context.body(null, 401, { 'www-authenticate': 'Bearer' })
    const type = 'text/plain; version=0.0.4; charset=utf-8'
    return context.body(await metrics.expose(), 200, { 'content-type': type })
  })
  app.route('/', createProbesApp({ readiness }))
  return app
}

function bearerCheck(token: string | undefined): (context: Context) => boolean {
  if (token === undefined) return () => true
  const digest = (text: string) => createHash('sha256').update(text).digest()
  const expected = digest(`Bearer ${token}`)
  // Digests have one length, so the comparison takes the same time whatever is shown.
  return ({ req }) => timingSafeEqual(digest(req.header('authorization') ?? ''), expected)
}

/**
 * Serves the operations endpoint on its own port, as `[ops]` says: `/healthz`, `/readyz` with what each check says, and
 * `/metrics` as Prometheus text. Answers `undefined` when that section turns it off.
 * To be started before anything that can fail or wait, so that the reason can be seen.
 *
 * @throws Error of `node:net`, for example `EADDRINUSE`.
 * @example const ops = await startOpsServer({ config: config.ops, readiness, metrics, clock, log })
 */
export async function startOpsServer(
  options: Omit<OpsOptions, 'token'> & {
    readonly config: OpsConfig
    readonly clock: Clock
    readonly log: Logger
  },
): Promise<HttpServer | undefined> {
  const { config, clock, log } = options
  if (!config.enabled) return undefined
  const app = createOpsApp({ ...options, token: config.token })
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
