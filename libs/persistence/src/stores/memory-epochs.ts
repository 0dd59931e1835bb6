import type { Clock } from '@hydra/runtime'

/** Epochs that grow with each call, and across a loss of the store with the clock: microseconds, or the last plus one. */
export function createEpochs(clock: Clock): () => number {
  let last = 0
  return () => {
    last = Math.max(last + 1, Math.trunc(clock.nowMs()) * 1_000)
    return last
  }
}
