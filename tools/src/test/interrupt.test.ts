import { describe, expect, test } from 'vitest'
import { Interrupted, interruptible } from './interrupt.ts'

const listeners = (): number => process.listenerCount('SIGHUP')

describe('work that may be interrupted', () => {
  test('ends when a signal comes, and signals are as before afterwards', async () => {
    const before = listeners()
    const working = interruptible(async (signal) => {
      expect(listeners()).toBe(before + 1)
      process.kill(process.pid, 'SIGHUP')
      await new Promise((resolve) => signal.addEventListener('abort', resolve))
      signal.throwIfAborted()
    })
    await expect(working).rejects.toThrow(Interrupted)
    expect(listeners()).toBe(before)
  })

  test('leaves no listener when nothing came', async () => {
    const before = listeners()
    expect(await interruptible(async () => 'done')).toBe('done')
    expect(listeners()).toBe(before)
  })
})
