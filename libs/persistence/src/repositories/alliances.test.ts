import { testBackends, uniqueName } from '@hydra/testing'
import { afterAll, describe } from 'vitest'
import { migrate } from '../migrations/migrate.ts'
import { testDatabases, type TestDatabase } from '../test-support/test-databases.ts'
import { alliancesContract } from './alliances.contract.ts'

describe.each(testDatabases({ ...testBackends(), uniqueName }))('alliances on $kind', ({ create }) => {
  const empty: TestDatabase[] = []
  afterAll(async () => void (await Promise.all(empty.map((database) => database.drop()))))
  alliancesContract(async () => {
    const made = await create()
    empty.push(made)
    await migrate(made.open())
    // Several pools, as several chat servers have them.
    return () => made.open()
  })
})
