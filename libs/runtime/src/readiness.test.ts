import { describe, expect, test } from 'vitest'
import { ManualClock } from './manual-clock.ts'
import { Readiness } from './readiness.ts'

const make = () => {
  const clock = new ManualClock()
  return { clock, readiness: new Readiness({ clock, checkTimeoutMs: 500 }) }
}
const passing = { name: 'bus', check: () => {} }
const failing = {
  name: 'database',
  check: () => Promise.reject(new Error('connect ECONNREFUSED 127.0.0.1:3306')),
}

describe('Readiness', () => {
  test('is starting until told otherwise, and names what is missing meanwhile', async () => {
    const { readiness } = make()
    readiness.add(passing)
    readiness.add(failing)
    expect(await readiness.report()).toEqual({
      ready: false,
      status: 'starting',
      checks: { bus: 'ok', database: 'connect ECONNREFUSED 127.0.0.1:3306' },
    })
  })

  test('is ready when started and every check passes; failing otherwise', async () => {
    const { readiness } = make()
    readiness.add(passing)
    readiness.started()
    expect(await readiness.report()).toMatchObject({ ready: true, status: 'ready' })
    const remove = readiness.add(failing)
    expect(await readiness.report()).toMatchObject({ ready: false, status: 'failing' })
    remove()
    expect(await readiness.report()).toMatchObject({ ready: true })
  })

  test('is never ready again once draining', async () => {
    const { readiness } = make()
    readiness.started()
    readiness.drain()
    readiness.started()
    expect(await readiness.report()).toMatchObject({ ready: false, status: 'draining' })
  })

  test('bounds a check that hangs and runs it only once at a time', async () => {
    const { clock, readiness } = make()
    let runs = 0
    readiness.add({ name: 'bus', check: () => (runs++, new Promise<void>(() => {})) })
    const reports = [readiness.report(), readiness.report()]
    clock.advance(500)
    for (const report of await Promise.all(reports))
      expect(report.checks).toEqual({ bus: 'no answer within 500 ms' })
    const later = readiness.report()
    clock.advance(500)
    await later
    expect(runs).toBe(1)
    expect(clock.pendingTimers).toBe(0)
  })

  test('asks again after a check has answered', async () => {
    const { clock, readiness } = make()
    let runs = 0
    readiness.add({ name: 'bus', check: () => void runs++ })
    await readiness.report()
    await readiness.report()
    expect(runs).toBe(2)
    expect(clock.pendingTimers).toBe(0)
  })

  test('says something when a check fails without a reason', async () => {
    const { readiness } = make()
    readiness.add({
      name: 'bus',
      check: () => {
        throw new Error('')
      },
    })
    expect((await readiness.report()).checks).toEqual({ bus: 'failed without saying why' })
  })

  test('refuses two checks of one name', () => {
    const { readiness } = make()
    readiness.add(passing)
    expect(() => readiness.add(passing)).toThrow('bus')
  })
})
