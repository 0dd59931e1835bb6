import { expect, test } from 'vitest'
import { Backoff } from './backoff.ts'

const pauses = (backoff: Backoff, count: number) => Array.from({ length: count }, () => backoff.nextMs())

test('pauses double up to the bound and begin again after a success', () => {
  const backoff = new Backoff({ minMs: 100, maxMs: 1_000, random: () => 1 })
  expect(pauses(backoff, 6)).toEqual([100, 200, 400, 800, 1_000, 1_000])
  expect(backoff.failures).toBe(6)
  backoff.reset()
  expect(backoff.failures).toBe(0)
  expect(backoff.nextMs()).toBe(100)
})

test('jitter takes at most half away', () => {
  const backoff = new Backoff({ minMs: 100, maxMs: 100, random: () => 0 })
  expect(pauses(backoff, 2)).toEqual([50, 50])
})

test('thousands of failures overflow nothing', () => {
  const backoff = new Backoff({ minMs: 1, maxMs: 5_000, random: () => 1 })
  expect(pauses(backoff, 5_000).at(-1)).toBe(5_000)
})
