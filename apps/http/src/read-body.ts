import { badRequest, HydraError } from '@hydra/protocol'
import type { Context } from 'hono'
import type { z } from 'zod'

/**
 * Reads a JSON body of at most `maxBytes` in the form of a schema.
 *
 * @throws HydraError `BAD_REQUEST` naming path and expectation, `PAYLOAD_TOO_LARGE`.
 * @example const body = await readBody(context, credentials, 4_096)
 */
export async function readBody<S extends z.ZodType>(
  context: Context,
  schema: S,
  maxBytes: number,
): Promise<z.output<S>> {
  const what = `${context.req.method} ${context.req.path}`
  const [type = ''] = (context.req.header('content-type') ?? '').split(';')
  if (type.trim().toLowerCase() !== 'application/json') {
    throw mismatch(what, 'content-type', 'expected application/json')
  }
  const text = await readText(context, maxBytes)
  let body: unknown
  try {
    body = JSON.parse(text)
  } catch (cause) {
    throw mismatch(what, '(body)', 'expected valid JSON', cause)
  }
  return parse(what, schema, body)
}

/** Counts while it reads: a length may be announced wrong, or not at all. */
async function readText(context: Context, maxBytes: number): Promise<string> {
  if (Number(context.req.header('content-length') ?? 0) > maxBytes) throw tooLarge(context, maxBytes)
  const chunks: Uint8Array[] = []
  let bytes = 0
  for await (const chunk of context.req.raw.body ?? []) {
    bytes += chunk.length
    if (bytes > maxBytes) throw tooLarge(context, maxBytes)
    chunks.push(chunk)
  }
  return Buffer.concat(chunks).toString('utf8')
}

function tooLarge(context: Context, maxBytes: number): HydraError {
  // What remains of the body is not read: the connection cannot be used again.
  context.header('connection', 'close')
  return new HydraError('PAYLOAD_TOO_LARGE', `The body is larger than ${maxBytes} bytes.`, {
    metadata: { maxBytes },
  })
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
