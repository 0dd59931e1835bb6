import { badRequest, HydraError } from '@hydra/protocol'
import type { Context } from 'hono'
import type { z } from 'zod'

/**
 * Reads a JSON body in the form of a schema.
 *
 * @throws HydraError `BAD_REQUEST` naming path and expectation.
 * @example const body = await readBody(context, credentials)
 */
export async function readBody<S extends z.ZodType>(context: Context, schema: S): Promise<z.output<S>> {
  const what = `${context.req.method} ${context.req.path}`
  const [type = ''] = (context.req.header('content-type') ?? '').split(';')
  if (type.trim().toLowerCase() !== 'application/json') {
    throw mismatch(what, 'content-type', 'expected application/json')
  }
  let body: unknown
  try {
    body = JSON.parse(await context.req.text())
  } catch (cause) {
    throw mismatch(what, '(body)', 'expected valid JSON', cause)
  }
  return parse(what, schema, body)
}

/** Reads the query in the form of a schema. @throws HydraError `BAD_REQUEST` naming path and expectation. */
export const readQuery = <S extends z.ZodType>(context: Context, schema: S): z.output<S> =>
  parse(`${context.req.method} ${context.req.path}`, schema, context.req.query())

function parse<S extends z.ZodType>(what: string, schema: S, value: unknown): z.output<S> {
  const parsed = schema.safeParse(value)
  if (!parsed.success) throw badRequest(what, parsed.error)
  return parsed.data
}

const mismatch = (what: string, path: string, expectation: string, cause?: unknown): HydraError =>
  new HydraError('BAD_REQUEST', `${what}: "${path}" is wrong: ${expectation}`, {
    cause,
    metadata: { path, expectation },
  })
