import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { BoundedWork } from './bounded-work.ts'

describe('BoundedWork', () => {
  test('refuses what does not fit the queue and goes on afterwards', async () => {
    const work = new BoundedWork({ concurrencyMax: 1, queueMax: 1 })
    let finish = (): void => {}
    const finished = new Promise<void>((resolve) => (finish = resolve))
    const running = work.run(() => finished)
    const waiting = work.run(async () => 'had to wait')
    await expect(work.run(async () => 'never')).rejects.toMatchObject({ code: 'SERVER_BUSY' })
    expect(work.waiting).toBe(1)
    finish()
    await running
    await expect(waiting).resolves.toBe('had to wait')
    expect(work.waiting).toBe(0)
    await expect(work.run(async () => 'free again')).resolves.toBe('free again')
  })

  test('passes the turn on when a task fails', async () => {
    const work = new BoundedWork({ concurrencyMax: 1, queueMax: 2 })
    const failing = work.run(() => Promise.reject(new Error('defect')))
    const next = work.run(async () => 'done')
    await expect(failing).rejects.toThrow('defect')
    await expect(next).resolves.toBe('done')
  })

  test('runs everything it accepts, in order, never more at once than allowed', async () => {
    const settings = fc.record({ concurrencyMax: fc.integer({ min: 1, max: 4 }), queueMax: fc.nat(8) })
    await fc.assert(
      fc.asyncProperty(settings, fc.scheduler(), fc.nat(16), async (bounds, scheduler, count) => {
        const work = new BoundedWork(bounds)
        const started: number[] = []
        let running = 0
        let most = 0
        const tasks = Array.from({ length: count }, (_, index) =>
          work
            .run(async () => {
              started.push(index)
              most = Math.max(most, ++running)
              await scheduler.schedule(Promise.resolve())
              running -= 1
              return 'done' as const
            })
            .catch(() => 'refused' as const),
        )
        await scheduler.waitFor(Promise.all(tasks))
        const results = await Promise.all(tasks)
        const accepted = results.flatMap((result, index) => (result === 'done' ? [index] : []))
        expect(started).toEqual(accepted)
        expect(most).toBeLessThanOrEqual(bounds.concurrencyMax)
        expect(accepted).toHaveLength(Math.min(count, bounds.concurrencyMax + bounds.queueMax))
      }),
    )
  })
})
