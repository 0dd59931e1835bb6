import { ManualClock } from '@hydra/runtime'
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { nextTurn } from '../test-support/faults.ts'
import { pauseMs, retry, type RetryOptions } from './retry.ts'

const backoff = { minMs: 100, maxMs: 1_000 }

describe('retry', () => {
  const clock = new ManualClock()
  const abort = new AbortController()
  const options = (change: Partial<RetryOptions> = {}): RetryOptions => ({
    clock,
    random: () => 0,
    backoff,
    signal: abort.signal,
    onFailure: () => true,
    ...change,
  })

  it('goes on until the step succeeds, with growing pauses', async () => {
    const attemptsAtMs: number[] = []
    const startMs = clock.monotonicMs()
    const done = retry(() => {
      attemptsAtMs.push(clock.monotonicMs() - startMs)
      return attemptsAtMs.length < 4 ? Promise.reject(new Error('not yet')) : Promise.resolve('done')
    }, options())
    for (let turn = 0; turn < 20; turn++) {
      await nextTurn()
      clock.advance(100)
    }
    await expect(done).resolves.toBe('done')
    expect(attemptsAtMs).toEqual([0, 100, 300, 700])
  })

  it('ends with the failure when that is not to be tried again', async () => {
    const failures: number[] = []
    const onFailure = (_error: unknown, attempt: number) => failures.push(attempt) < 1
    await expect(retry(() => Promise.reject(new Error('for good')), options({ onFailure }))).rejects.toThrow(
      'for good',
    )
    expect(failures).toEqual([1])
  })

  it('ends at once when it is aborted, in a pause and in an attempt', async () => {
    const ended = new Error('ended')
    for (const step of [() => Promise.reject(new Error('not yet')), () => new Promise<void>(() => {})]) {
      const { signal, abort } = abortable()
      const done = retry(step, options({ signal }))
      await nextTurn()
      abort(ended)
      await expect(done).rejects.toBe(ended)
      await expect(retry(step, options({ signal }))).rejects.toBe(ended)
    }
    expect(clock.pendingTimers).toBe(0)
  })

  it('pauses between half and all of a doubling time, never beyond the longest', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 1_000 }),
        fc.double({ min: 0, max: 0.999, noNaN: true }),
        (attempt, random) => {
          const fullMs = Math.min(backoff.maxMs, backoff.minMs * 2 ** Math.min(attempt - 1, 30))
          const ms = pauseMs(attempt, backoff, () => random)
          expect(ms).toBeGreaterThan(fullMs / 2 - 1e-9)
          expect(ms).toBeLessThanOrEqual(fullMs)
        },
      ),
    )
  })
})

function abortable() {
  const controller = new AbortController()
  return { signal: controller.signal, abort: (reason: unknown) => controller.abort(reason) }
}
