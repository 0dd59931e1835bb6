import { ManualClock } from '@hydra/runtime'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Database } from '../database/database.ts'
import { openDatabase } from '../database/open-database.ts'
import { migrate } from '../migrations/migrate.ts'
import { usualEvents } from '../test-support/role-record.ts'
import { openMemoryWorld, tellStories } from '../test-support/role-stories.ts'

let database: Database
beforeAll(async () => {
  database = openDatabase({ kind: 'sqlite', file: ':memory:' }, { clock: new ManualClock() })
  await migrate(database)
})
afterAll(() => database.close())

test('no acknowledged update is lost, whatever fails, is late or dies', { timeout: 240_000 }, async () => {
  const reached = await tellStories({
    title: 'Stories of role data',
    steps: 150_000,
    losesJournal: false,
    openStores: async () => openMemoryWorld(database),
  })
  expect([...reached.keys()].toSorted(), 'what the stories led to').toEqual(usualEvents.toSorted())
})
