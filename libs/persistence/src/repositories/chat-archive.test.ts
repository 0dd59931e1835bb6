import { testBackends, uniqueName } from '@hydra/testing'
import { afterAll, describe } from 'vitest'
import { migrate } from '../migrations/migrate.ts'
import { testDatabases, type TestDatabase } from '../test-support/test-databases.ts'
import { chatArchiveContract } from './chat-archive.contract.ts'

describe.each(testDatabases({ ...testBackends(), uniqueName }))('chat archive on $kind', ({ create }) => {
  let created: TestDatabase | undefined
  afterAll(() => created?.drop())
  chatArchiveContract(async () => {
    created ??= await create()
    const database = created.open()
    await migrate(database)
    return database
  })
})
