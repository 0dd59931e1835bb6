import { delay, type Clock } from '@hydra/runtime'

/** How long to wait between attempts: doubling from `minMs` to `maxMs`, each shortened by up to half at random. */
export interface Backoff {
  readonly minMs: number
  readonly maxMs: number
}

/** Options of {@link retry}. */
export interface RetryOptions {
  readonly clock: Clock
  /** 0 to 1, the latter excluded. */
  readonly random: () => number
  readonly backoff: Backoff
  /** Ends the attempts; one that is under way is not waited for any longer. */
  readonly signal: AbortSignal
  /** Called after each failed attempt; answers whether to try again. */
  readonly onFailure: (error: unknown, attempt: number) => boolean
}

/**
 * Does something until it succeeds.
 *
 * @throws the last failure when `onFailure` says so, or the signal's reason.
 * @example await retry(() => queue.flush(rid), { clock, random, backoff, signal, onFailure: () => true })
 */
export async function retry<T>(step: () => Promise<T>, options: RetryOptions): Promise<T> {
  const { clock, random, backoff, signal, onFailure } = options
  for (let attempt = 1; ; attempt++) {
    try {
      return await unlessAborted(step, signal)
    } catch (error) {
      if (signal.aborted || !onFailure(error, attempt)) throw error
    }
    await delay(clock, pauseMs(attempt, backoff, random), signal)
  }
}

/** The pause after attempt number `attempt`, counted from 1. */
export function pauseMs(attempt: number, { minMs, maxMs }: Backoff, random: () => number): number {
  const fullMs = Math.min(maxMs, minMs * 2 ** Math.min(attempt - 1, 30))
  return fullMs * (1 - random() / 2)
}

function unlessAborted<T>(step: () => Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    if (signal.aborted) return reject(signal.reason)
    const onAbort = () => reject(signal.reason)
    signal.addEventListener('abort', onAbort, { once: true })
    // After an abort the step goes on alone and both outcomes fall on a settled promise.
    void step()
      .then(resolve, reject)
      .finally(() => signal.removeEventListener('abort', onAbort))
  })
}
