import { describe, expect, test } from 'vitest'
import { delay, systemClock } from './clock.ts'
import { ManualClock } from './manual-clock.ts'

describe('systemClock', () => {
  test('tells the time of day and a time that never goes back', () => {
    expect(Math.abs(systemClock.nowMs() - Date.now())).toBeLessThan(1_000)
    const before = systemClock.monotonicMs()
    expect(systemClock.monotonicMs()).toBeGreaterThanOrEqual(before)
  })

  test('fires once after a delay, again and again with a period, and not after being cancelled', async () => {
    const fired: string[] = []
    await new Promise<void>((resolve) => {
      systemClock.after(0, () => fired.push('cancelled')).cancel()
      systemClock.after(1, () => fired.push('once'))
      const period = systemClock.every(1, () => {
        fired.push('tick')
        if (fired.filter((entry) => entry === 'tick').length < 3) return
        period.cancel()
        period.cancel()
        resolve()
      })
      // The timers of the clock do not keep a process alive; this one does.
      const hold = setInterval(() => fired.length >= 4 && clearInterval(hold), 1)
    })
    expect(fired.filter((entry) => entry === 'once')).toHaveLength(1)
    expect(fired).not.toContain('cancelled')
  })
})

describe('delay', () => {
  test('resolves when the time has come', async () => {
    const clock = new ManualClock()
    let done = false
    const waiting = delay(clock, 100).then(() => (done = true))
    clock.advance(99)
    await Promise.resolve()
    expect(done).toBe(false)
    clock.advance(1)
    await waiting
    expect(done).toBe(true)
  })

  test('rejects with the reason of the signal and leaves no timer behind', async () => {
    const clock = new ManualClock()
    const controller = new AbortController()
    const waiting = delay(clock, 100, controller.signal)
    controller.abort(new Error('stopping'))
    await expect(waiting).rejects.toThrow('stopping')
    expect(clock.pendingTimers).toBe(0)
    await expect(delay(clock, 100, controller.signal)).rejects.toThrow('stopping')
    expect(clock.pendingTimers).toBe(0)
  })
})
