import { testBackends, uniqueName } from '@hydra/testing'
import { describe } from 'vitest'
import { testStores } from '../test-support/test-stores.ts'
import { roleJournalContract } from './role-journal.contract.ts'

describe.each(testStores({ ...testBackends(), uniqueName }))('role journal in $driver', ({ open }) => {
  roleJournalContract(() => open())
})
