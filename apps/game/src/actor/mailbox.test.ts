import { HydraError } from '@hydra/protocol'
import { activeSpan, ManualClock, MemoryTracer, delay, withSpan } from '@hydra/runtime'
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { deferred, nextTurn } from '../test-support/faults.ts'
import { Mailbox } from './mailbox.ts'

describe('Mailbox', () => {
  it('runs each job in the span of who asked for it, with one for the wait and one for the turn', async () => {
    const tracer = new MemoryTracer()
    const mailbox = new Mailbox(9)
    const gate = deferred<void>()
    const seen: (string | undefined)[] = []
    const job = (wait?: Promise<unknown>) => async () => {
      await wait
      seen.push(activeSpan()?.traceId)
    }
    const [one, two] = [tracer.begin('one'), tracer.begin('two')]
    const jobs = [
      withSpan(one, () => mailbox.run(job(gate.promise))),
      withSpan(two, () => mailbox.run(job())),
      mailbox.run(job()),
      withSpan(one, () => mailbox.run(job())),
    ]
    gate.resolve(undefined)
    await Promise.all(jobs)
    expect(seen).toEqual([one.traceId, two.traceId, undefined, one.traceId])
    expect(tracer.lines()).toEqual([
      'one',
      'two',
      'one > role turn',
      'two > role wait',
      'one > role wait',
      'two > role turn',
      'one > role turn',
    ])
    expect(tracer.spans.slice(2).map(({ code }) => code)).toEqual(Array.from({ length: 5 }, () => 'OK'))
  })

  it('runs jobs in the order given, one at a time, whatever each takes', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.record({ takesMs: fc.nat(20), fails: fc.boolean() }), { maxLength: 40 }),
        async (plans) => {
          const clock = new ManualClock()
          const mailbox = new Mailbox(plans.length + 1)
          const log: string[] = []
          const results = plans.map(({ takesMs, fails }, index) =>
            mailbox.run(async () => {
              log.push(`start ${index}`)
              if (takesMs > 0) await delay(clock, takesMs)
              log.push(`end ${index}`)
              if (fails) throw new Error(`job ${index}`)
              return index
            }),
          )
          const settled = Promise.allSettled(results)
          await advanceUntil(clock, () => mailbox.depth === 0)
          expect(log).toEqual(plans.flatMap((_, index) => [`start ${index}`, `end ${index}`]))
          expect((await settled).map((result) => result.status)).toEqual(
            plans.map(({ fails }) => (fails ? 'rejected' : 'fulfilled')),
          )
        },
      ),
    )
  })

  it('starts a job at once when idle, and a job added by a running one after it', async () => {
    const mailbox = new Mailbox(4)
    const log: string[] = []
    const inner: unknown[] = []
    const outer = mailbox.run(() => {
      inner.push(mailbox.run(() => log.push('inner')))
      log.push('outer')
    })
    expect(log).toEqual(['outer'])
    await outer
    await Promise.all(inner)
    expect(log).toEqual(['outer', 'inner'])
  })

  it('answers without a promise what an idle one can answer so, and rejects what fails', async () => {
    const mailbox = new Mailbox(4)
    expect(mailbox.run(() => 7)).toBe(7)
    expect(mailbox.depth).toBe(0)
    const failed = mailbox.run(() => {
      throw new Error('bad')
    })
    await expect(failed).rejects.toThrow('bad')
    await expect(mailbox.run(() => Promise.resolve(8))).resolves.toBe(8)
  })

  it('fails only the caller of a job that throws synchronously', async () => {
    const mailbox = new Mailbox(4)
    const bad = mailbox.run(() => {
      throw new Error('bad')
    })
    const good = mailbox.run(() => 'good')
    await expect(bad).rejects.toThrow('bad')
    await expect(good).resolves.toBe('good')
  })

  it('refuses with SERVER_BUSY at its bound, and takes jobs again below it', async () => {
    const mailbox = new Mailbox(2)
    const gate = deferred<void>()
    const held = mailbox.run(() => gate.promise)
    const waiting = mailbox.run(() => 'second')
    const refused = await Promise.resolve(mailbox.run(() => 'third')).catch((error: unknown) => error)
    expect(refused).toBeInstanceOf(HydraError)
    expect(refused).toMatchObject({ code: 'SERVER_BUSY' })

    const own = mailbox.run(() => 'own', { beyondBound: true })
    expect(mailbox.depth).toBe(3)
    gate.resolve()
    expect(await Promise.all([held, waiting, own])).toEqual([undefined, 'second', 'own'])
    expect(mailbox.run(() => 'fourth')).toBe('fourth')
  })

  it('fails what waits when closed, lets the running job end, and refuses later ones', async () => {
    const mailbox = new Mailbox(4)
    const gate = deferred<string>()
    const running = mailbox.run(() => gate.promise)
    const waiting = mailbox.run(() => 'never')
    mailbox.close(new Error('closed'))
    mailbox.close(new Error('only the first counts'))
    await expect(waiting).rejects.toThrow('closed')
    await expect(mailbox.run(() => 'never')).rejects.toThrow('closed')
    gate.resolve('ended')
    await expect(running).resolves.toBe('ended')
    expect(mailbox.depth).toBe(0)
  })
})

async function advanceUntil(clock: ManualClock, done: () => boolean): Promise<void> {
  while (!done()) {
    await nextTurn()
    clock.advance(1)
  }
}
