import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-proto'
import {
  BatchSpanProcessor,
  type ReadableSpan,
  type SpanExporter,
  type SpanProcessor,
} from '@opentelemetry/sdk-trace-base'
import { createSparseLog } from '../sparse-log.ts'
import type { Counter } from '../metrics.ts'
import type { TracerDeps } from './open-tracer.ts'
import type { TracingConfig } from './tracing-config.ts'

/**
 * The way of ended spans to the endpoint: a bounded queue, batches, one request at a time. An endpoint that is away costs
 * spans and nothing else, and the metric says how many.
 */
export class SpanExport {
  readonly processor: SpanProcessor
  readonly #config: TracingConfig
  readonly #deps: TracerDeps
  readonly #spans: Counter
  readonly #warn: ReturnType<typeof createSparseLog>
  /** Ended and not yet taken by a request. */
  #queued = 0
  /** In the request that is under way. */
  #sending = 0
  #closed = false
  #onIdle = (): void => {}

  constructor(config: TracingConfig & { readonly endpoint: string }, deps: TracerDeps) {
    this.#config = config
    this.#deps = deps
    this.#warn = createSparseLog(deps.log, deps.clock)
    this.#spans = deps.metrics.counter({
      name: 'hydra_tracing_spans_total',
      help: 'Recorded spans, by outcome: exported, failed (the endpoint did not take them), dropped (too many waited).',
      labels: ['outcome'],
      known: [{ outcome: 'exported' }, { outcome: 'failed' }, { outcome: 'dropped' }],
    })
    deps.metrics.gauge({
      name: 'hydra_tracing_queued_spans',
      help: 'Recorded spans that wait to be sent.',
      collect: () => this.#queued + this.#sending,
    })
    this.processor = this.#bounded(
      new BatchSpanProcessor(this.#counting(exporterOf(config)), {
        maxQueueSize: config.queueMax,
        maxExportBatchSize: config.batchMax,
        scheduledDelayMillis: config.batchDelayMs,
        exportTimeoutMillis: config.exportTimeoutMs,
      }),
    )
  }

  /** Runs `shutdown`, which sends what is queued, for as long as may be waited for that. */
  async close(shutdown: () => Promise<void>): Promise<void> {
    const { clock, log } = this.#deps
    this.#closed = true
    let late = () => {}
    const expired = new Promise<void>((resolve) => (late = resolve))
    const timer = clock.after(this.#config.flushTimeoutMs, late)
    // What fails was counted and logged where it did; the first failure does not wait for the other requests.
    const sent = shutdown()
      .catch(() => {})
      .then(() => this.#idle())
    await Promise.race([sent, expired])
    timer.cancel()
    const left = this.#queued + this.#sending
    if (left > 0) log.warn({ left }, 'spans were not sent before the end')
  }

  /** Resolves when no request is under way. */
  #idle(): Promise<void> | undefined {
    return this.#sending === 0 ? undefined : new Promise((resolve) => (this.#onIdle = resolve))
  }

  /** The SDK's queue drops silently at its bound; this one is the same and counts. */
  #bounded(inner: SpanProcessor): SpanProcessor {
    return {
      onStart: (span, context) => inner.onStart(span, context),
      onEnd: (span) => {
        if (this.#closed || this.#queued >= this.#config.queueMax)
          return this.#spans.inc({ outcome: 'dropped' })
        this.#queued++
        inner.onEnd(span)
      },
      forceFlush: () => inner.forceFlush(),
      shutdown: () => inner.shutdown(),
    }
  }

  #counting(inner: SpanExporter): SpanExporter {
    return {
      export: (spans: ReadableSpan[], done) => {
        this.#queued -= spans.length
        this.#sending += spans.length
        inner.export(spans, (result) => {
          this.#sending -= spans.length
          if (this.#sending === 0) this.#onIdle()
          // ExportResultCode.SUCCESS; that package is no dependency for the sake of one number.
          const exported = result.code === 0
          this.#spans.inc({ outcome: exported ? 'exported' : 'failed' }, spans.length)
          if (!exported) {
            const { endpoint } = this.#config
            this.#warn({ err: result.error, endpoint, spans: spans.length }, 'spans could not be sent')
          }
          done(result)
        })
      },
      shutdown: () => inner.shutdown(),
      forceFlush: async () => inner.forceFlush?.(),
    }
  }
}

const exporterOf = ({
  endpoint,
  exportTimeoutMs,
  queueMax,
  batchMax,
  headers = [],
}: TracingConfig & { readonly endpoint: string }) =>
  new OTLPTraceExporter({
    url: endpoint,
    timeoutMillis: exportTimeoutMs,
    // While running there is one; stopping sends all that is queued at once.
    concurrencyLimit: Math.ceil(queueMax / batchMax) + 1,
    headers: Object.fromEntries(
      headers.map((header): [string, string] => {
        const at = header.indexOf('=')
        return [header.slice(0, at), header.slice(at + 1)]
      }),
    ),
  })
