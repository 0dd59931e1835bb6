import { timingSafeEqual } from 'node:crypto'
import { HydraError } from '@hydra/protocol'
import { exitCode, startHttpServer, systemClock, type HttpServer } from '@hydra/runtime'
import { Hono, type Context } from 'hono'
import { stream } from 'hono/streaming'
import { ClusterError } from '../cluster-error.ts'
import { restartRequestSchema, upRequestSchema, type Reply } from '../messages.ts'
import { ServiceFailure } from './service-pool.ts'
import { CommandRefused, type Say, type Supervisor } from './supervisor.ts'

const aliveEveryMs = 30_000

/** What the control endpoint serves. */
export interface ControlServerOptions {
  /** Who must be shown it as `Authorization: Bearer …`. */
  readonly token: string
  readonly supervisor: () => Supervisor
  /** Called when a command has been answered; `ends` when nothing runs after it. */
  readonly onCommand: (ends: boolean) => void
}

/**
 * The endpoint through which commands reach the supervisor: on loopback, for whoever can read the state file.
 *
 * `GET /state` answers the state; `POST /up`, `/restart` and `/stop` answer lines of JSON as things go on, see
 * `replySchema`. A client that hangs up before the end cancels `up` and `restart`.
 */
export function startControlServer({
  token,
  supervisor,
  onCommand,
}: ControlServerOptions): Promise<HttpServer> {
  const app = new Hono()
  app.use(async (context, next) => {
    if (!isEqual(context.req.header('authorization') ?? '', `Bearer ${token}`)) return context.text('', 401)
    return next()
  })
  app.get('/state', (context) => context.json(supervisor().state))
  app.post('/up', async (context) => {
    const request = upRequestSchema.parse(await context.req.json())
    const first = !supervisor().isUp
    return answer(context, async (say, signal) => {
      onCommand(false)
      try {
        await supervisor().up(request, say, signal)
      } catch (error) {
        // Whatever the first command has started must not stay; a later one leaves what ran before.
        if (first && !(error instanceof CommandRefused))
          await endAfterFailure(supervisor(), say).finally(() => onCommand(true))
        throw error
      }
    })
  })
  app.post('/restart', async (context) => {
    const request = restartRequestSchema.parse(await context.req.json())
    return answer(context, (say, signal) => supervisor().restart(request, say, signal))
  })
  app.post('/stop', (context) =>
    answer(context, async (say) => {
      try {
        await supervisor().stop(say)
      } finally {
        onCommand(true)
      }
    }),
  )
  return startHttpServer({ app, host: '127.0.0.1', port: 0, clock: systemClock, connectionsMax: 64 })
}

function answer(context: Context, work: (say: Say, signal: AbortSignal) => Promise<void>): Response {
  context.header('content-type', 'application/x-ndjson')
  return stream(context, async (out) => {
    const abort = new AbortController()
    out.onAbort(() => abort.abort(new ClusterError('The command was interrupted.')))
    const send = (reply: Reply): void => void out.writeln(JSON.stringify(reply)).catch(() => undefined)
    // fetch gives up on an answer that has paused for five minutes; a service may take longer to be ready.
    const alive = setInterval(() => void out.writeln('').catch(() => undefined), aliveEveryMs)
    try {
      await work((say) => send({ say }), abort.signal)
      await out.writeln(JSON.stringify({ done: true } satisfies Reply))
    } catch (error) {
      await out.writeln(JSON.stringify({ failed: failureOf(error) } satisfies Reply))
    } finally {
      clearInterval(alive)
    }
  })
}

async function endAfterFailure(supervisor: Supervisor, say: Say): Promise<void> {
  // What failed first is what the person is told.
  await supervisor.stop(say).catch(() => undefined)
}

function failureOf(error: unknown): Extract<Reply, { failed: unknown }>['failed'] {
  const message = error instanceof Error ? error.message : String(error)
  if (error instanceof ServiceFailure) return { message, exitCode: error.exitCode, name: error.processName }
  if (error instanceof ClusterError) return { message, exitCode: error.exitCode }
  if (error instanceof HydraError) {
    const cause = error.cause instanceof Error ? ` (${error.cause.message})` : ''
    return { message: `${message}${cause}`, exitCode: exitCode.unavailable }
  }
  return { message, exitCode: exitCode.software, name: 'supervisor' }
}

function isEqual(given: string, wanted: string): boolean {
  const [a, b] = [Buffer.from(given), Buffer.from(wanted)]
  return a.length === b.length && timingSafeEqual(a, b)
}
