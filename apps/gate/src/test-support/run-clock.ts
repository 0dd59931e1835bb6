import type { ManualClock } from '@hydra/runtime'

/** Lets time pass in small steps until the promise has settled; what waits in between gets its turns. */
export async function runClock(clock: ManualClock, until: Promise<unknown>): Promise<void> {
  const progress = { isSettled: false }
  const settle = () => {
    progress.isSettled = true
  }
  until.then(settle, settle)
  while (!progress.isSettled) {
    await new Promise((resolve) => setImmediate(resolve))
    clock.advance(20)
  }
}
