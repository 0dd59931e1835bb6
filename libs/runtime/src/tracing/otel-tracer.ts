import {
  ROOT_CONTEXT,
  SpanKind as OtelKind,
  SpanStatusCode,
  trace,
  TraceFlags,
  type Span as OtelSpan,
  type SpanContext,
  type Tracer as OtelTracer,
} from '@opentelemetry/api'
import { resourceFromAttributes } from '@opentelemetry/resources'
import { AlwaysOnSampler, BasicTracerProvider } from '@opentelemetry/sdk-trace-base'
import { errorCodes } from '@hydra/protocol'
import { createIds } from '../ids.ts'
import type { TracerDeps } from './open-tracer.ts'
import { SpanExport } from './span-export.ts'
import { unsampledSpan, type Span, type SpanAttributes, type SpanKind, type SpanOptions } from './span.ts'
import { readTraceparent, unsampledTrace, type Tracer } from './tracer.ts'
import type { TracingConfig } from './tracing-config.ts'
import { WallClock } from './wall-clock.ts'

const kinds: Readonly<Record<SpanKind, OtelKind>> = {
  server: OtelKind.SERVER,
  client: OtelKind.CLIENT,
  internal: OtelKind.INTERNAL,
}

/**
 * Traces by OpenTelemetry's SDK, sent to an OTLP endpoint. The SDK only ever sees spans that are sampled: what is decided
 * against costs no more than the decision. Its context manager and its globals stay unused.
 */
export function createOtelTracer(
  config: TracingConfig & { readonly endpoint: string },
  deps: TracerDeps,
): Tracer {
  const { service, clock, random } = deps
  const spanExport = new SpanExport(config, deps)
  const provider = new BasicTracerProvider({
    resource: resourceFromAttributes({
      'service.namespace': 'hydra',
      'service.name': `hydra-${service}`,
      'service.instance.id': createIds(clock).next(),
      'process.pid': process.pid,
    }),
    sampler: new AlwaysOnSampler(),
    spanProcessors: [spanExport.processor],
  })
  const wall = new WallClock(clock)
  const otel = provider.getTracer('hydra')
  const root = (name: string, options: SpanOptions, parent?: SpanContext) =>
    new SampledSpan({ otel, wall }, startOtel(otel, wall, name, options, parent))
  const begin = (name: string, options: SpanOptions = {}): Span =>
    random() < config.sampleRatio ? root(name, options) : unsampledTrace()
  return {
    on: true,
    begin,
    follow(traceparent, name, options = {}) {
      const read = readTraceparent(traceparent)
      if (read === undefined) return begin(name, options)
      if (!read.sampled) return unsampledSpan(() => traceparent)
      const { traceId, spanId } = read
      return root(name, options, { traceId, spanId, traceFlags: TraceFlags.SAMPLED, isRemote: true })
    },
    close: () => spanExport.close(() => provider.shutdown()),
  }
}

interface SampledDeps {
  readonly otel: OtelTracer
  readonly wall: WallClock
}

/** A span that is recorded. */
class SampledSpan implements Span {
  readonly recording = true
  readonly #deps: SampledDeps
  readonly #span: OtelSpan
  #ended = false

  constructor(deps: SampledDeps, span: OtelSpan) {
    this.#deps = deps
    this.#span = span
  }

  get traceId(): string {
    return this.#span.spanContext().traceId
  }

  get spanId(): string {
    return this.#span.spanContext().spanId
  }

  get traceparent(): string {
    return `00-${this.traceId}-${this.spanId}-01`
  }

  start(name: string, options: SpanOptions = {}): Span {
    const { otel, wall } = this.#deps
    return new SampledSpan(this.#deps, startOtel(otel, wall, name, options, this.#span.spanContext()))
  }

  set(attributes: SpanAttributes): void {
    this.#span.setAttributes(attributes)
  }

  end(code = 'OK'): void {
    if (this.#ended) return
    this.#ended = true
    if (code !== 'OK') this.#span.setAttribute('hydra.code', code)
    if (isFailure(code)) this.#span.setStatus({ code: SpanStatusCode.ERROR, message: code })
    this.#span.end(this.#deps.wall.nowMs())
  }
}

function isFailure(code: string): boolean {
  if (code === 'OK') return false
  const known: Readonly<Record<string, { readonly httpStatus: number } | undefined>> = errorCodes
  return (known[code]?.httpStatus ?? 500) >= 500
}

function startOtel(
  otel: OtelTracer,
  wall: WallClock,
  name: string,
  { kind = 'internal', attributes = {}, links = [], startedMsAgo = 0 }: SpanOptions,
  parent: SpanContext | undefined,
): OtelSpan {
  const context = parent === undefined ? ROOT_CONTEXT : trace.setSpanContext(ROOT_CONTEXT, parent)
  return otel.startSpan(
    name,
    {
      kind: kinds[kind],
      attributes,
      links: links.map(({ traceId, spanId }) => ({
        context: { traceId, spanId, traceFlags: TraceFlags.SAMPLED },
      })),
      startTime: wall.nowMs() - startedMsAgo,
    },
    context,
  )
}
