import { randomBytes } from 'node:crypto'
import { activeSpan, endWith } from './active-span.ts'
import { unsampledSpan, type Span, type SpanOptions } from './span.ts'

/** Where traces of a service begin, or go on. What happens inside of one is asked of its {@link Span}. */
export interface Tracer {
  /** `false`: there is no tracing, and hot paths need not ask any further. */
  readonly on: boolean
  /** Begins a trace; decides here, for all who go on with it, whether it is sampled. */
  begin(name: string, options?: SpanOptions): Span
  /** Goes on with the trace of a W3C `traceparent`, as sampled as that says. Begins one when it is none. */
  follow(traceparent: string, name: string, options?: SpanOptions): Span
  /** Sends what has ended, within a bound, and ends. */
  close(): Promise<void>
}

/**
 * Runs work in a span below the present one; where there is none, because a service does it by itself, in a trace that
 * begins with it.
 *
 * @example await inTrace(tracer, 'role recovery', () => recoverRoles(options))
 */
export function inTrace<T>(tracer: Tracer, name: string, work: () => T): T {
  if (!tracer.on) return work()
  return endWith(activeSpan()?.start(name) ?? tracer.begin(name), work)
}

/** Version 00, and flags of which the last bit says that the trace is sampled. Source: https://www.w3.org/TR/trace-context/ */
const form = /^00-(?!0{32})([0-9a-f]{32})-(?!0{16})([0-9a-f]{16})-([0-9a-f]{2})$/

/** The parts of a `traceparent` header; nothing when it is none. */
export function readTraceparent(
  text: string,
): { readonly traceId: string; readonly spanId: string; readonly sampled: boolean } | undefined {
  const [, traceId, spanId, flags] = form.exec(text) ?? []
  if (traceId === undefined || spanId === undefined || flags === undefined) return undefined
  return { traceId, spanId, sampled: (Number.parseInt(flags, 16) & 1) === 1 }
}

/** A new trace that nobody samples; its id is made when somebody asks. */
export const unsampledTrace = (): Span =>
  unsampledSpan(() => `00-${randomBytes(16).toString('hex')}-${randomBytes(8).toString('hex')}-00`)

/** Traces nothing. @example const { tracer = noTracer } = options */
export const noTracer: Tracer = Object.freeze({
  on: false,
  begin: () => unsampledTrace(),
  follow: (traceparent: string) => unsampledSpan(() => traceparent),
  close: async () => {},
})
