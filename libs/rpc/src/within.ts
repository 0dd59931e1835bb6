import type { Clock, Timer } from '@hydra/runtime'

/**
 * Waits for `work`, but not longer than `timeoutMs`. What fails after that is ignored: nobody waits for it any more.
 *
 * @throws what `late` makes when the time is up.
 */
export async function within<T>(
  clock: Clock,
  timeoutMs: number,
  work: Promise<T>,
  late: () => Error,
): Promise<T> {
  let timer: Timer | undefined
  try {
    return await Promise.race([
      work,
      new Promise<never>((_, reject) => {
        timer = clock.after(timeoutMs, () => reject(late()))
      }),
    ])
  } finally {
    timer?.cancel()
  }
}
