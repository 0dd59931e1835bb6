import { accountEndpoints } from '@hydra/protocol'
import { createProbesApp, type Clock, type Metrics, type Readiness, type Tracer } from '@hydra/runtime'
import { Hono, type Context, type MiddlewareHandler } from 'hono'
import { cors } from 'hono/cors'
import { methodNotAllowed } from 'hono/method-not-allowed'
import { loginRoute, type LoginRouteDeps } from './account/login.route.ts'
import { registerRoute, type RegisterRouteDeps } from './account/register.route.ts'
import { answerError, answerMethodNotAllowed, answerNotFound } from './http-error.ts'
import { traceRequests } from './trace-requests.ts'
import { serverListRoute, type ServerListRouteDeps } from './server-list/server-list.route.ts'

/** What all routes together need. */
export interface RouterDeps extends RegisterRouteDeps, LoginRouteDeps, ServerListRouteDeps {
  readonly clock: Clock
  readonly metrics: Metrics
  readonly readiness: Readiness
  readonly tracer: Tracer
  /** Whether a request comes from a proxy that is believed. */
  readonly isTrustedProxy: (context: Context) => boolean
  /** Origins of pages whose scripts may call; `*`: any. */
  readonly corsOrigins: readonly string[]
}

/** All routes of the service as a hono application; needs no socket: `router.request('/healthz')`. */
export function createRouter(deps: RouterDeps): Hono {
  const { register, login, serverList } = accountEndpoints
  const router = new Hono()
  router.use(measure(deps))
  router.use(traceRequests({ tracer: deps.tracer, paths: knownPaths, isTrusted: deps.isTrustedProxy }))
  router.use(methodNotAllowed({ app: router, onMethodNotAllowed: answerMethodNotAllowed }))
  router.use(cors({ origin: corsOrigin(deps.corsOrigins), allowMethods: ['GET', 'POST'], maxAge: 600 }))
  router.use('/account/*', noStore)

  router.post(register.path, (context) => registerRoute(deps, context))
  router.post(login.path, (context) => loginRoute(deps, context))
  router.get(serverList.path, (context) => serverListRoute(deps, context))
  router.route('/', createProbesApp(deps))

  router.notFound((context) => answerNotFound(deps, context))
  router.onError((error, context) => answerError(deps, error, context))
  return router
}

const knownPaths: ReadonlySet<string> = new Set(Object.values(accountEndpoints).map(({ path }) => path))

const noStore: MiddlewareHandler = async (context, next) => {
  await next()
  context.header('cache-control', 'no-store')
}

const corsOrigin = (origins: readonly string[]): string | string[] =>
  origins.includes('*') ? '*' : [...origins]

/** Counts and times the requests. Unknown paths share one label, so that nobody can make up endless ones. */
function measure({ clock, metrics }: RouterDeps): MiddlewareHandler {
  const requests = metrics.counter({
    name: 'hydra_http_requests_total',
    help: 'Answered requests, by path and status.',
    labels: ['path', 'status'],
  })
  const seconds = metrics.histogram({
    name: 'hydra_http_request_seconds',
    help: 'Time from the headers of a request to its answer.',
    labels: ['path'],
  })
  return async (context, next) => {
    const startMs = clock.monotonicMs()
    await next()
    const path = knownPaths.has(context.req.path) ? context.req.path : 'other'
    requests.inc({ path, status: String(context.res.status) })
    seconds.observe((clock.monotonicMs() - startMs) / 1_000, { path })
  }
}
