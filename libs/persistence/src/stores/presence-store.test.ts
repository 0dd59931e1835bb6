import { testBackends, uniqueName } from '@hydra/testing'
import { describe } from 'vitest'
import { testStores } from '../test-support/test-stores.ts'
import { presenceStoreContract } from './presence-store.contract.ts'

describe.each(testStores({ ...testBackends(), uniqueName }))('presence store in $driver', ({ open }) => {
  presenceStoreContract(open)
})
