import { createMemoryStores, createRoles, migrate, openDatabase } from '@hydra/persistence'
import { createMetrics, ManualClock, MemoryTracer, silentLogger } from '@hydra/runtime'
import { expect, it } from 'vitest'
import { createGameMetrics } from '../game-metrics.ts'
import { nextTurn } from '../test-support/faults.ts'
import { Recovery } from './recovery.ts'
import { toSnapshot } from './role-data.ts'
import { newRole } from './role.ts'

it('waits for a registry that is away: without it nobody is known to be gone', async () => {
  const clock = new ManualClock()
  const { roleJournal: journal } = createMemoryStores({ clock })
  const database = openDatabase({ kind: 'sqlite', file: ':memory:' }, { clock })
  await migrate(database)
  const roles = createRoles(database, { clock })
  const acquired = await journal.acquire('ada', 'game-dead')
  const epoch = acquired.owned ? acquired.epoch : 0
  await journal.append([
    toSnapshot({ ...newRole({ rid: 'ada', uid: 'u1', name: 'Ada' }, 0), version: 4 }, epoch),
  ])

  const tracer = new MemoryTracer()
  const registry = { connected: false }
  const recovery = new Recovery({
    owner: 'game-1',
    journal,
    roles,
    registry,
    isGone: () => registry.connected,
    clock,
    random: () => 0,
    backoff: { minMs: 100, maxMs: 100 },
    log: silentLogger,
    tracer,
    recovered: createGameMetrics(createMetrics({ service: 'test' })).recovered,
  })
  recovery.request()
  for (let turn = 0; turn < 20; turn++) {
    clock.advance(100)
    await nextTurn()
  }
  expect(await journal.unsaved(9)).toHaveLength(1)
  registry.connected = true
  clock.advance(100)
  await recovery.idle()
  expect(await journal.unsaved(9)).toEqual([])
  expect(await roles.find('ada')).toMatchObject({ version: 4 })
  expect(clock.pendingTimers).toBe(0)
  expect(tracer.lines()).toContain('role recovery > INSERT roles')
  await database.close()
})
