import { endWith, withSpan, type Span } from '@hydra/runtime'

/** What a mailbox runs. */
type Job<T> = () => T | Promise<T>

/**
 * Runs a job of a mailbox in the span of whoever asked for it, with one for the turn if that is recorded.
 *
 * @param asked `undefined` for a job that nobody asks for, or without tracing
 */
export function runTurn<T>(asked: Span | undefined, job: Job<T>): T | Promise<T> {
  if (asked?.recording !== true) return withSpan(asked, job)
  return endWith(asked.start('role turn'), job)
}

/** A job that has to wait: one that {@link runTurn} runs, after a span for the wait. */
export function waitingTurn<T>(asked: Span | undefined, depth: number, job: Job<T>): Job<T> {
  if (asked === undefined) return job
  const wait = asked.recording
    ? asked.start('role wait', { attributes: { 'hydra.mailbox.depth': depth } })
    : undefined
  return () => {
    wait?.end()
    return runTurn(asked, job)
  }
}
