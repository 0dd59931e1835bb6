import { setImmediate as turn } from 'node:timers/promises'
import { ManualClock } from '@hydra/runtime'
import { beforeEach, expect, test } from 'vitest'
import { createMemoryRegistry } from '../registry/memory-registry.ts'
import { serverRecord } from '../registry/registry.contract.ts'
import type { Registry } from '../registry/registry.ts'
import { watchDepartures } from './watch-departures.ts'

let registry: Registry
let clock: ManualClock
let gone: string[]
let stop: () => void

beforeEach(() => {
  registry = createMemoryRegistry()
  clock = new ManualClock()
  gone = []
  stop = watchDepartures({ registry, clock, onGone: (id) => void gone.push(id) })
})

const leave = async (id: string, state: 'ready' | 'draining'): Promise<void> => {
  const announcement = await registry.announce(serverRecord({ id, type: 'game' }))
  if (state === 'draining') await announcement.update({ state })
  await announcement.withdraw()
}

test('a server that has died is gone at once', async () => {
  await leave('game-1', 'ready')
  expect(gone).toEqual(['game-1'])
})

test('the last answers of a draining server are waited for', async () => {
  await leave('game-1', 'draining')
  clock.advance(200)
  await turn()
  expect(gone).toEqual([])
  clock.advance(100)
  await turn()
  expect(gone).toEqual(['game-1'])
})

test('nothing is told, and no timer runs, after the end', async () => {
  await leave('game-1', 'draining')
  stop()
  expect(clock.pendingTimers).toBe(0)
  await leave('game-2', 'ready')
  expect(gone).toEqual([])
})
