import { AsyncLocalStorage } from 'node:async_hooks'
import { HydraError } from '@hydra/protocol'
import type { Span, SpanOptions } from './span.ts'

/**
 * One for the process, and untouched until a service with tracing handles its first request: a storage that nobody has
 * run costs the others nothing (ADR 0018).
 */
const storage = new AsyncLocalStorage<Span | undefined>()

/**
 * The span in which this code runs, if there is tracing and it runs for somebody.
 *
 * @example const span = activeSpan()?.start('role queue push')
 */
export const activeSpan = (): Span | undefined => storage.getStore()

/**
 * Runs work, and all that it awaits or sets timers for, in a span; without one, in none. Whatever serves many at one time
 * (a batch, a loop, a mailbox) has to, or it would go on in the span of whoever happened to start it.
 *
 * @example await withSpan(span, () => handler(context, body))
 */
export const withSpan = <T>(span: Span | undefined, work: () => T): T =>
  storage.getStore() === span ? work() : storage.run(span, work)

/**
 * Runs work in a span of its own below the present one, if that is recorded. The span ends with the work, with the code
 * of what it fails with.
 *
 * @example const role = await inSpan('role load', {}, () => load(rid, uid))
 */
export function inSpan<T>(name: string, options: SpanOptions, work: () => T): T {
  const asked = activeSpan()
  if (asked?.recording !== true) return work()
  return endWith(asked.start(name, options), work)
}

/** Runs work in a span and ends that with it. */
export function endWith<T>(span: Span, work: () => T): T {
  const fail = (error: unknown): never => {
    span.end(HydraError.from(error).code)
    throw error
  }
  let result: T
  try {
    result = withSpan(span, work)
  } catch (error) {
    return fail(error)
  }
  if (!(result instanceof Promise)) {
    span.end()
    return result
  }
  const ended = result.then((value: unknown) => {
    span.end()
    return value
  }, fail)
  // A promise of the same value; the compiler cannot know that T is a promise here.
  return ended as T
}
