import { createMetrics, ManualClock } from '@hydra/runtime'
import { describe, expect, test } from 'vitest'
import { createAttempts } from './attempts.ts'

const make = (change = {}) => {
  const clock = new ManualClock()
  const metrics = createMetrics({ service: 'http' })
  const limits = {
    addressBurst: 3,
    addressPerMinute: 6,
    usernameBurst: 2,
    usernamePerMinute: 6,
    keysMax: 100,
  }
  return { clock, attempts: createAttempts({ enabled: true, ...limits, ...change }, { clock, metrics }) }
}
const limited = expect.objectContaining({ code: 'RATE_LIMITED' })

describe('attempts', () => {
  test('are limited at one name from many addresses, without regard to case', () => {
    const { attempts } = make()
    attempts.count('1.1.1.1', 'ann')
    attempts.count('2.2.2.2', 'ANN')
    expect(() => attempts.count('3.3.3.3', 'Ann')).toThrow(limited)
    expect(() => attempts.count('3.3.3.3', 'bob')).not.toThrow()
  })

  test('are limited from one address over many names', () => {
    const { attempts } = make()
    for (const name of ['a', 'b', 'c']) attempts.count('1.1.1.1', name)
    expect(() => attempts.count('1.1.1.1', 'd')).toThrow(limited)
    expect(() => attempts.count('2.2.2.2', 'd')).not.toThrow()
  })

  test('are possible again after the time that the refusal names', () => {
    const { attempts, clock } = make()
    for (const name of ['a', 'b', 'c']) attempts.count('1.1.1.1', name)
    expect(() => attempts.count('1.1.1.1', 'd')).toThrow(
      expect.objectContaining({
        metadata: { retryAfterMs: 10_000 },
        message: expect.stringContaining('10 s'),
      }),
    )
    clock.advance(10_000)
    expect(() => attempts.count('1.1.1.1', 'd')).not.toThrow()
  })

  test('can be unlimited', () => {
    const { attempts } = make({ enabled: false })
    for (let i = 0; i < 100; i++) attempts.count('1.1.1.1', 'ann')
  })
})
