import { ManualClock } from '@hydra/runtime'
import { testBackends, uniqueName } from '@hydra/testing'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Database } from '../database/database.ts'
import { migrate } from '../migrations/migrate.ts'
import { tellStories } from '../test-support/role-stories.ts'
import { testDatabases, type TestDatabase } from '../test-support/test-databases.ts'
import { testStores, type TestStores } from '../test-support/test-stores.ts'

let stores: TestStores
let created: TestDatabase
let database: Database
beforeAll(async () => {
  const options = { ...testBackends(), uniqueName }
  const redis = testStores(options).find(({ driver }) => driver === 'redis')
  const mysql = testDatabases(options).find(({ kind }) => kind === 'mysql')
  if (redis === undefined || mysql === undefined) throw new Error('This test needs Redis and MySQL.')
  stores = await redis.open()
  created = await mysql.create()
  database = created.open()
  await migrate(database)
})
afterAll(async () => {
  await stores.close()
  await created.drop()
})

test.each([{ losesJournal: false }, { losesJournal: true }])(
  'Redis and MySQL keep to the model, losing the journal: $losesJournal',
  { timeout: 240_000 },
  async ({ losesJournal }) => {
    const reached = await tellStories({
      title: `Stories of role data in Redis and MySQL${losesJournal ? ', that lose the journal' : ''}`,
      steps: 6_000,
      prefix: losesJournal ? 'lose' : 'keep',
      losesJournal,
      openStores: async () => {
        await stores.lose()
        return {
          clock: new ManualClock(),
          database,
          journal: stores.stores.roleJournal,
          loseJournal: async () => void (await stores.lose()),
        }
      },
    })
    expect([...reached.keys()]).toEqual(
      expect.arrayContaining(['acknowledged', 'crashed', 'released', 'taken']),
    )
  },
)
