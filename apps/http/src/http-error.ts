import { errorCodes, HydraError, type ErrorBody } from '@hydra/protocol'
import type { Ids, Logger } from '@hydra/runtime'
import type { Context } from 'hono'
import { HTTPException } from 'hono/http-exception'

/** What the error exit needs. */
export interface HttpErrorDeps {
  readonly log: Logger
  readonly ids: Ids
}

/**
 * The one exit for errors: anything thrown becomes `{code, msg, metadata?}` with the status of its code, and is logged
 * once. A defect is answered with a neutral sentence and the id under which the log has its cause.
 */
export function answerError({ log, ids }: HttpErrorDeps, thrown: unknown, context: Context): Response {
  const error = fromThrown(thrown)
  const status = errorCodes[error.code].httpStatus
  const fields = { code: error.code, ...requestOf(context) }
  if (status < 500) log.info({ ...fields, reason: error.message }, 'request refused')
  // One line without a stack: under a flood, each of many refusals must cost little.
  else if (error.code !== 'INTERNAL') log.warn({ ...fields, reason: reasonOf(error) }, 'request failed')
  else {
    const traceId = ids.next()
    log.error({ ...fields, traceId, err: error }, 'request failed: defect')
    return context.json({ ...error.toBody(), metadata: { ...error.metadata, traceId } }, status)
  }
  const retryAfterMs = error.metadata?.['retryAfterMs']
  if (typeof retryAfterMs === 'number') {
    context.header('retry-after', String(Math.ceil(retryAfterMs / 1_000)))
  }
  return context.json(error.toBody(), status)
}

/** Answers 404 for a path that does not exist. */
export function answerNotFound({ log }: HttpErrorDeps, context: Context): Response {
  const { method, path } = requestOf(context)
  const body: ErrorBody = { code: 'ROUTE_UNKNOWN', msg: `There is no ${method} ${path}.` }
  log.info({ code: body.code, method, path }, 'request refused')
  return context.json(body, 404)
}

/** Answers 405 for a path that exists with other methods; {@link answerNotFound} has logged it by then. */
export function answerMethodNotAllowed(context: Context, allowed: readonly string[]): Response {
  const { method, path } = requestOf(context)
  const methods = allowed.join(', ')
  const body: ErrorBody = {
    code: 'ROUTE_UNKNOWN',
    msg: `There is no ${method} ${path}; it takes ${methods}.`,
    metadata: { allow: methods },
  }
  return context.json(body, 405, { allow: methods })
}

const reasonOf = ({ message, cause }: HydraError): string =>
  cause instanceof Error ? `${message} (${cause.message})` : message

/** What a log line says about a request; a path can be as long as its sender likes. */
const requestOf = ({ req }: Context) => ({ method: req.method, path: req.path.slice(0, 200) })

function fromThrown(thrown: unknown): HydraError {
  if (thrown instanceof HTTPException && thrown.status < 500) {
    return new HydraError('BAD_REQUEST', thrown.message, { cause: thrown })
  }
  return HydraError.from(thrown)
}
