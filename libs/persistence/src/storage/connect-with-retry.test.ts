import { HydraError } from '@hydra/protocol'
import { ManualClock, Readiness, silentLogger, type LogFields } from '@hydra/runtime'
import { describe, expect, test } from 'vitest'
import { connectWithRetry } from './connect-with-retry.ts'

const settle = () => new Promise((resolve) => setImmediate(resolve))
const down = () => new HydraError('STORAGE_UNAVAILABLE', 'redis here:1 cannot be reached')

const bench = () => {
  const clock = new ManualClock()
  const readiness = new Readiness({ clock })
  const lines: string[] = []
  const line = (fields: LogFields, message: string) =>
    void lines.push(`${String(fields['backend'])}: ${message}`)
  const log = { ...silentLogger, warn: line, info: line, child: () => log }
  const aborting = new AbortController()
  const deps = { clock, log, random: () => 1, readiness, signal: aborting.signal }
  readiness.started()
  return { clock, readiness, lines, aborting, deps }
}
const config = { retryMinMs: 100, retryMaxMs: 400 }

describe('connecting', () => {
  test('a backend that is there is ready at once', async () => {
    const { deps, readiness, lines } = bench()
    const connect = async () => 'connection'
    const { backend, forget } = await connectWithRetry(
      { name: 'redis', connect, check: async () => {} },
      config,
      deps,
    )
    expect(backend).toBe('connection')
    expect((await readiness.report()).checks).toEqual({ redis: 'ok' })
    forget()
    expect((await readiness.report()).checks).toEqual({})
    expect(lines).toEqual([])
  })

  test('one that is not is tried after growing pauses, named in log and readiness', async () => {
    const { deps, clock, readiness, lines } = bench()
    let isUp = false
    const tries: number[] = []
    const connect = async () => {
      tries.push(clock.monotonicMs())
      if (!isUp) throw down()
      return 1
    }
    const connecting = connectWithRetry({ name: 'redis', connect, check: async () => {} }, config, deps)
    await settle()
    expect(await readiness.report()).toMatchObject({
      ready: false,
      checks: { redis: 'redis here:1 cannot be reached' },
    })
    for (const pauseMs of [100, 200, 400, 400]) {
      clock.advance(pauseMs)
      await settle()
    }
    isUp = true
    clock.advance(400)
    await connecting
    expect(tries).toEqual([0, 100, 300, 700, 1_100, 1_500])
    expect(lines).toEqual([
      ...Array.from({ length: 5 }, () => 'redis: backend is not available; trying again'),
      'redis: backend is here',
    ])
    expect((await readiness.report()).ready).toBe(true)
  })

  test('readiness follows the backend afterwards', async () => {
    const { deps, readiness } = bench()
    let isUp = true
    const check = async () => {
      if (!isUp) throw down()
    }
    await connectWithRetry({ name: 'redis', connect: async () => 1, check }, config, deps)
    isUp = false
    expect(await readiness.report()).toMatchObject({ ready: false, status: 'failing' })
  })

  test('stops waiting when told so, and leaves nothing behind', async () => {
    const { deps, clock, readiness, aborting } = bench()
    const connect = () => Promise.reject(down())
    const connecting = connectWithRetry({ name: 'redis', connect, check: async () => {} }, config, deps)
    const result = Promise.allSettled([connecting])
    await settle()
    aborting.abort(new Error('stopping'))
    expect(await result).toMatchObject([{ status: 'rejected', reason: { message: 'stopping' } }])
    expect(clock.pendingTimers).toBe(0)
    expect((await readiness.report()).checks).toEqual({})
  })

  test('what waiting cannot mend is thrown', async () => {
    const { deps } = bench()
    const connect = () => Promise.reject(new HydraError('INTERNAL', 'migration 0001 failed'))
    const connecting = connectWithRetry({ name: 'mysql', connect, check: async () => {} }, config, deps)
    await expect(connecting).rejects.toMatchObject({ code: 'INTERNAL' })
  })
})
