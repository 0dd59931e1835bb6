import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { ManualClock } from './manual-clock.ts'

describe('ManualClock', () => {
  test('stands still until it is moved', () => {
    const clock = new ManualClock(1_000)
    expect([clock.nowMs(), clock.monotonicMs()]).toEqual([1_000, 0])
    clock.advance(250)
    expect([clock.nowMs(), clock.monotonicMs()]).toEqual([1_250, 250])
  })

  test('fires timers that callbacks set, when they fall due in the same move', () => {
    const clock = new ManualClock()
    const fired: number[] = []
    clock.after(10, () => clock.after(10, () => fired.push(clock.monotonicMs())))
    clock.advance(100)
    expect(fired).toEqual([20])
    expect(clock.pendingTimers).toBe(0)
  })

  test('repeats a period until it is cancelled', () => {
    const clock = new ManualClock()
    const fired: number[] = []
    const timer = clock.every(30, () => fired.push(clock.monotonicMs()))
    clock.advance(95)
    timer.cancel()
    clock.advance(95)
    expect(fired).toEqual([30, 60, 90])
  })

  test('refuses a period that would never end', () => {
    expect(() => new ManualClock().every(0, () => {})).toThrow(RangeError)
  })

  test('fires each timer once, at its own moment, in order', () => {
    fc.assert(
      fc.property(
        fc.array(fc.nat(500), { maxLength: 20 }),
        fc.array(fc.nat(100), { maxLength: 20 }),
        (delays, moves) => {
          const clock = new ManualClock()
          const fired: number[] = []
          for (const delayMs of delays) clock.after(delayMs, () => fired.push(clock.monotonicMs()))
          for (const byMs of moves) clock.advance(byMs)
          const totalMs = moves.reduce((sum, byMs) => sum + byMs, 0)
          const due = moves.length === 0 ? [] : delays.filter((delayMs) => delayMs <= totalMs)
          expect(fired).toEqual(due.toSorted((a, b) => a - b))
        },
      ),
    )
  })
})
