import { testBackends, uniqueName } from '@hydra/testing'
import { afterAll, describe } from 'vitest'
import { testDatabases, type TestDatabase } from '../test-support/test-databases.ts'
import { migrate } from '../migrations/migrate.ts'
import { storageObjectsContract } from './storage-objects.contract.ts'

describe.each(testDatabases({ ...testBackends(), uniqueName }))('storage objects on $kind', ({ create }) => {
  let empty: TestDatabase | undefined
  afterAll(() => empty?.drop())
  storageObjectsContract(async () => {
    empty = await create()
    const database = empty.open()
    await migrate(database)
    return database
  })
})
