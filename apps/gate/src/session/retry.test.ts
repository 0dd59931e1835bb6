import { ManualClock } from '@hydra/runtime'
import { describe, expect, it } from 'vitest'
import { runClock } from '../test-support/run-clock.ts'
import { retry } from './retry.ts'

const policy = { firstDelayMs: 100, maxDelayMs: 400, giveUpMs: 2_000 }

/** Moves the clock until the promise has settled, and says at which times attempts were made. */
async function run(failures: number, signal = new AbortController().signal) {
  const clock = new ManualClock()
  const attemptsMs: number[] = []
  const delaysMs: number[] = []
  const result = retry(
    clock,
    policy,
    signal,
    () => {
      attemptsMs.push(clock.monotonicMs())
      return attemptsMs.length <= failures
        ? Promise.reject(new Error(`failure ${attemptsMs.length}`))
        : Promise.resolve('done')
    },
    (_error, delayMs) => void delaysMs.push(delayMs),
  )
  await runClock(clock, result)
  return { result, attemptsMs, delaysMs }
}

describe('retry', () => {
  it('answers the first success', async () => {
    const { result, attemptsMs } = await run(0)
    await expect(result).resolves.toBe('done')
    expect(attemptsMs).toEqual([0])
  })

  it('waits longer after each failure, up to a bound', async () => {
    const { result, delaysMs } = await run(5)
    await expect(result).resolves.toBe('done')
    expect(delaysMs).toEqual([100, 200, 400, 400, 400])
  })

  it('gives up with the last error', async () => {
    const { result, attemptsMs, delaysMs } = await run(1_000)
    await expect(result).rejects.toThrow(`failure ${attemptsMs.length}`)
    expect(attemptsMs.at(-1)).toBeLessThanOrEqual(policy.giveUpMs)
    expect(attemptsMs).toHaveLength(delaysMs.length + 1)
  })

  it('ends its wait when it is told to', async () => {
    const { result, attemptsMs } = await run(1_000, AbortSignal.abort(new Error('stopped')))
    await expect(result).rejects.toThrow('stopped')
    expect(attemptsMs).toEqual([0])
  })
})
