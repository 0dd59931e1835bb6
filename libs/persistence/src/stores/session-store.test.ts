import { testBackends, uniqueName } from '@hydra/testing'
import { describe } from 'vitest'
import { testStores } from '../test-support/test-stores.ts'
import { sessionStoreContract } from './session-store.contract.ts'

describe.each(testStores({ ...testBackends(), uniqueName }))('session store in $driver', ({ open }) => {
  sessionStoreContract(() => open())
})
