/** What a span says about itself. Values of players, keys and parameters of queries do not belong here. */
export type SpanAttributes = Readonly<Record<string, string | number | boolean>>

/** Who does what in a span: answers a request, asks another process, or works by itself. */
export type SpanKind = 'server' | 'client' | 'internal'

/** How a span begins. */
export interface SpanOptions {
  /** `internal` when absent. */
  readonly kind?: SpanKind
  readonly attributes?: SpanAttributes
  /** Spans of other traces that belong to this one, such as the batch that a change was written with. */
  readonly links?: readonly Span[]
  /** When it began, if that is some milliseconds ago. */
  readonly startedMsAgo?: number
}

/**
 * One piece of work in a trace. Most are not sampled: those are the same to whoever has one, record nothing, and cost
 * next to nothing.
 */
export interface Span {
  /** Whether anything that is said to it is kept; what costs time to find out need not be said to one that does not. */
  readonly recording: boolean
  /** 32 hexadecimal digits. */
  readonly traceId: string
  /** 16 hexadecimal digits. */
  readonly spanId: string
  /** The W3C `traceparent` under which others go on with the trace; it says whether the trace is sampled. */
  readonly traceparent: string
  /** Begins a span below this one. */
  start(name: string, options?: SpanOptions): Span
  set(attributes: SpanAttributes): void
  /**
   * Ends it; later calls do nothing. A code that http answers with a status of 500 or more is a failure; others are
   * refusals that the rules ask for.
   *
   * @param code `OK` when absent, or an error code
   */
  end(code?: string): void
}

/**
 * A trace that is not sampled, as far as this process is concerned.
 *
 * @param traceparent is asked for when somebody wants to know
 * @example withSpan(unsampledSpan(() => frameTraceparent), () => handle(context, body))
 */
export const unsampledSpan = (traceparent: () => string): Span => new UnsampledSpan(traceparent)

class UnsampledSpan implements Span {
  readonly recording = false
  readonly #make: () => string
  #traceparent: string | undefined

  constructor(make: () => string) {
    this.#make = make
  }

  get traceparent(): string {
    return (this.#traceparent ??= this.#make())
  }

  get traceId(): string {
    return this.traceparent.slice(3, 35)
  }

  get spanId(): string {
    return this.traceparent.slice(36, 52)
  }

  start(): Span {
    return this
  }

  set(): void {}

  end(): void {}
}
