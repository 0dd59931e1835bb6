import { expect, test } from 'vitest'
import type { Clock } from '../clock.ts'
import { WallClock } from './wall-clock.ts'

test('has the fractions of the monotonic clock, and follows when the time is set', () => {
  const now = { nowMs: 1_000, monotonicMs: 5.25 }
  const clock = { nowMs: () => now.nowMs, monotonicMs: () => now.monotonicMs } as Clock
  const wall = new WallClock(clock)
  now.monotonicMs += 0.125
  expect(wall.nowMs()).toBe(1_000.125)
  now.monotonicMs += 10
  now.nowMs += 10
  expect(wall.nowMs()).toBe(1_010.125)
  now.nowMs = 500_000
  expect(wall.nowMs()).toBe(500_000)
})
