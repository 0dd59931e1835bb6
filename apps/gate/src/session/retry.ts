import { delay, type Clock } from '@hydra/runtime'

/** How long to wait between attempts, and when to stop. */
export interface RetryPolicy {
  /** Wait after the first failure; doubles with each further one. */
  readonly firstDelayMs: number
  readonly maxDelayMs: number
  /** No attempt is started later than this after the first. */
  readonly giveUpMs: number
}

/**
 * Repeats an attempt until it succeeds.
 *
 * @throws what the last attempt threw, when it was the last; the signal's reason when that aborts a wait.
 */
export async function retry<T>(
  clock: Clock,
  policy: RetryPolicy,
  signal: AbortSignal,
  attempt: () => Promise<T>,
  onFailure: (error: unknown, delayMs: number) => void,
): Promise<T> {
  const startedMs = clock.monotonicMs()
  for (let delayMs = policy.firstDelayMs; ; delayMs = Math.min(delayMs * 2, policy.maxDelayMs)) {
    try {
      return await attempt()
    } catch (error) {
      if (clock.monotonicMs() + delayMs - startedMs > policy.giveUpMs) throw error
      onFailure(error, delayMs)
    }
    await delay(clock, delayMs, signal)
  }
}
