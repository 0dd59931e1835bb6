import type { Clock } from '@hydra/runtime'

/**
 * Epochs that grow with each call, and across a loss of the store with the clock: microseconds, or the last plus one;
 * `atLeast` if that is larger.
 */
export function createEpochs(clock: Clock): (atLeast?: number) => number {
  let last = 0
  return (atLeast = 0) => {
    last = Math.max(last + 1, Math.trunc(clock.nowMs()) * 1_000, atLeast)
    return last
  }
}
