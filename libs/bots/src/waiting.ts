import type { ClientClock } from '@hydra/client'

/**
 * Waits; ends early, without an error, when the signal aborts.
 *
 * @example await pause(clock, 100, signal)
 */
export function pause(clock: ClientClock, ms: number, signal?: AbortSignal): Promise<void> {
  if (signal?.aborted === true) return Promise.resolve()
  return new Promise((resolve) => {
    const end = () => {
      timer.cancel()
      signal?.removeEventListener('abort', end)
      resolve()
    }
    const timer = clock.after(ms, end)
    signal?.addEventListener('abort', end, { once: true })
  })
}
