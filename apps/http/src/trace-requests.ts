import { withSpan, type Tracer } from '@hydra/runtime'
import type { Context, MiddlewareHandler } from 'hono'

/** Whose requests become spans, and which. */
export interface TraceRequestsOptions {
  readonly tracer: Tracer
  /** Requests of other paths have no span. */
  readonly paths: ReadonlySet<string>
  /** Whose `traceparent` is followed. A stranger's would have everything recorded, or nothing. */
  readonly isTrusted: (context: Context) => boolean
}

/**
 * A span for each request of the given paths: in the trace of a trusted proxy if that names one in a `traceparent` header
 * (W3C Trace Context), as sampled as that says; else in one that begins here.
 */
export function traceRequests({ tracer, paths, isTrusted }: TraceRequestsOptions): MiddlewareHandler {
  return async (context, next) => {
    const { method, path } = context.req
    if (!tracer.on || !paths.has(path)) return next()
    const name = `${method} ${path}`
    const options = {
      kind: 'server',
      attributes: { 'http.request.method': method, 'http.route': path },
    } as const
    const traceparent = context.req.header('traceparent')
    const span =
      traceparent === undefined || !isTrusted(context)
        ? tracer.begin(name, options)
        : tracer.follow(traceparent, name, options)
    await withSpan(span, next)
    const { status } = context.res
    span.set({ 'http.response.status_code': status })
    span.end(status >= 500 ? 'INTERNAL' : 'OK')
  }
}
