import type { Clock, Timer } from '@hydra/runtime'

/**
 * Waits for something that never rejects, but no longer than `boundMs`.
 *
 * @example await waitBriefly(clock, 300, announced)
 */
export async function waitBriefly(
  clock: Pick<Clock, 'after'>,
  boundMs: number,
  work: Promise<void>,
): Promise<void> {
  let timer: Timer | undefined
  const late = new Promise<void>((resolve) => {
    timer = clock.after(boundMs, resolve)
  })
  await Promise.race([work, late])
  timer?.cancel()
}
