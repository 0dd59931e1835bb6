import { createCountingIds } from '../ids.ts'
import { unsampledSpan, type Span, type SpanAttributes, type SpanKind, type SpanOptions } from './span.ts'
import { readTraceparent, type Tracer } from './tracer.ts'

/** A span as a {@link MemoryTracer} keeps it. */
export interface KeptSpan {
  readonly name: string
  readonly kind: SpanKind
  readonly traceId: string
  readonly spanId: string
  /** `undefined` for the first of a trace. */
  readonly parentId: string | undefined
  readonly attributes: SpanAttributes
  /** Ids of the spans that it is linked to. */
  readonly links: readonly string[]
  /** `undefined` before it has ended. */
  readonly code: string | undefined
}

/**
 * Samples every trace and keeps all spans, for tests.
 *
 * @example
 * const tracer = new MemoryTracer()
 * await withSpan(tracer.begin('request'), () => queue.push(snapshot))
 * expect(tracer.lines()).toEqual(['request', 'request > role queue push'])
 */
export class MemoryTracer implements Tracer {
  readonly on = true
  /** In the order in which they began. */
  readonly spans: KeptSpan[] = []
  readonly #ids = createCountingIds('')

  begin(name: string, options: SpanOptions = {}): Span {
    return this.#start(name, options, this.#nextId(32), undefined)
  }

  follow(traceparent: string, name: string, options: SpanOptions = {}): Span {
    const read = readTraceparent(traceparent)
    if (read === undefined) return this.begin(name, options)
    return read.sampled
      ? this.#start(name, options, read.traceId, read.spanId)
      : unsampledSpan(() => traceparent)
  }

  async close(): Promise<void> {}

  /** Each span as the names from the first of its trace to its own. */
  lines(): string[] {
    return this.spans.map((span) => this.#line(span))
  }

  #line({ name, parentId }: KeptSpan): string {
    const parent = this.spans.find(({ spanId }) => spanId === parentId)
    return parent === undefined ? name : `${this.#line(parent)} > ${name}`
  }

  #nextId(length: number): string {
    return this.#ids.next().slice(1).padStart(length, '0')
  }

  #start(name: string, options: SpanOptions, traceId: string, parentId: string | undefined): Span {
    const { kind = 'internal', attributes = {}, links = [] } = options
    const spanId = this.#nextId(16)
    const at = this.spans.length
    const linked = links.map((link) => link.spanId)
    this.spans.push({ name, kind, traceId, spanId, parentId, attributes, links: linked, code: undefined })
    const change = (changed: Partial<KeptSpan>) => {
      const kept = this.spans[at]
      if (kept !== undefined) this.spans[at] = { ...kept, ...changed }
    }
    return {
      recording: true,
      traceId,
      spanId,
      traceparent: `00-${traceId}-${spanId}-01`,
      start: (below, belowOptions = {}) => this.#start(below, belowOptions, traceId, spanId),
      set: (more) => change({ attributes: { ...this.spans[at]?.attributes, ...more } }),
      end: (code = 'OK') => change({ code: this.spans[at]?.code ?? code }),
    }
  }
}
