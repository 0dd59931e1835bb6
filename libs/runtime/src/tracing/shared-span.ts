import type { Span, SpanAttributes, SpanOptions } from './span.ts'

/**
 * One span for work that is done once for several traces, such as a statement for a batch: whatever is said to it, or
 * begun below it, is in all of them. Whoever makes one bounds how many they are.
 *
 * @param first its ids are those of the whole
 * @example withSpan(sharedSpan(first, others), () => roles.saveAll(batch))
 */
export const sharedSpan = (first: Span, others: readonly Span[]): Span =>
  others.length === 0 ? first : new SharedSpan(first, others)

class SharedSpan implements Span {
  readonly recording = true
  readonly #first: Span
  readonly #others: readonly Span[]

  constructor(first: Span, others: readonly Span[]) {
    this.#first = first
    this.#others = others
  }

  get traceId(): string {
    return this.#first.traceId
  }

  get spanId(): string {
    return this.#first.spanId
  }

  get traceparent(): string {
    return this.#first.traceparent
  }

  start(name: string, options?: SpanOptions): Span {
    return new SharedSpan(
      this.#first.start(name, options),
      this.#others.map((span) => span.start(name, options)),
    )
  }

  set(attributes: SpanAttributes): void {
    for (const span of [this.#first, ...this.#others]) span.set(attributes)
  }

  end(code?: string): void {
    for (const span of [this.#first, ...this.#others]) span.end(code)
  }
}
