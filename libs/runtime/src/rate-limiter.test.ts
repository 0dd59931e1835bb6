import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { ManualClock } from './manual-clock.ts'
import { RateLimiter } from './rate-limiter.ts'

describe('RateLimiter', () => {
  test('lets a burst through, then one per share of a minute, and says how long to wait', () => {
    const clock = new ManualClock()
    const limiter = new RateLimiter({ clock, burst: 2, perMinute: 6, keysMax: 10 })
    expect([limiter.take('a'), limiter.take('a'), limiter.take('a')]).toEqual([0, 0, 10_000])
    expect(limiter.take('b')).toBe(0)
    clock.advance(9_999)
    expect(limiter.take('a')).toBe(1)
    clock.advance(1)
    expect([limiter.take('a'), limiter.take('a')]).toEqual([0, 10_000])
  })

  test('forgets the key that asked longest ago when it is full', () => {
    const limiter = new RateLimiter({ clock: new ManualClock(), burst: 1, perMinute: 1, keysMax: 2 })
    for (const key of ['a', 'b', 'a', 'c']) limiter.take(key)
    expect(limiter.size).toBe(2)
    expect(limiter.take('a')).toBeGreaterThan(0)
    expect(limiter.take('b')).toBe(0)
  })

  test('refuses limits that let nothing through', () => {
    const clock = new ManualClock()
    expect(() => new RateLimiter({ clock, burst: 0, perMinute: 1, keysMax: 1 })).toThrow(RangeError)
    expect(() => new RateLimiter({ clock, burst: 1, perMinute: 0, keysMax: 1 })).toThrow(RangeError)
  })

  test('never lets through more than burst and rate allow', () => {
    const step = fc.record({ byMs: fc.nat(20_000), takes: fc.nat(5) })
    fc.assert(
      fc.property(fc.array(step, { maxLength: 30 }), (steps) => {
        const clock = new ManualClock()
        const limiter = new RateLimiter({ clock, burst: 3, perMinute: 10, keysMax: 1 })
        let passed = 0
        for (const { byMs, takes } of steps) {
          clock.advance(byMs)
          for (let i = 0; i < takes; i++) if (limiter.take('a') === 0) passed++
          expect(passed).toBeLessThanOrEqual(3 + (clock.monotonicMs() * 10) / 60_000 + 1e-6)
        }
      }),
    )
  })
})
