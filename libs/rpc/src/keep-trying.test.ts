import { ManualClock, silentLogger } from '@hydra/runtime'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { keepTrying } from './keep-trying.ts'

function open(random = () => 1) {
  const clock = new ManualClock()
  const waits: unknown[] = []
  const log = {
    ...silentLogger,
    warn: ({ retryInMs }: Readonly<Record<string, unknown>>) => void waits.push(retryInMs),
  }
  return { clock, waits, options: { backend: 'nats', addresses: ['a:1'], clock, log, random } }
}

async function failTimes(clock: ManualClock, times: number): Promise<void> {
  for (let count = 0; count < times; count++) {
    await nextTurn()
    clock.advance(10_000)
  }
}

test('pauses double up to five seconds', async () => {
  const { clock, waits, options } = open()
  let attempts = 0
  const trying = keepTrying(async () => {
    attempts++
    if (attempts <= 8) throw new Error('not yet')
    return 'there'
  }, options)
  await failTimes(clock, 8)
  expect(await trying).toBe('there')
  expect(waits).toEqual([100, 200, 400, 800, 1_600, 3_200, 5_000, 5_000])
  expect(clock.pendingTimers).toBe(0)
})

test('chance shortens a pause by up to half', async () => {
  const { clock, waits, options } = open(() => 0)
  let attempts = 0
  const trying = keepTrying(async () => {
    if (++attempts <= 2) throw new Error('not yet')
  }, options)
  await failTimes(clock, 2)
  await trying
  expect(waits).toEqual([50, 100])
})

test('ends with the reason of its signal, during a pause and before an attempt', async () => {
  const { clock, options } = open()
  const abort = new AbortController()
  const failures: unknown[] = []
  const trying = keepTrying(() => Promise.reject(new Error('not there')), {
    ...options,
    signal: abort.signal,
    onFailure: (error) => failures.push(error),
  })
  await nextTurn()
  abort.abort(new Error('told to stop'))
  await expect(trying).rejects.toThrow('told to stop')
  expect(failures).toHaveLength(1)
  expect(clock.pendingTimers).toBe(0)
  await expect(keepTrying(async () => 'there', { ...options, signal: abort.signal })).rejects.toThrow(
    'told to stop',
  )
})
