import { testBackends, uniqueName } from '@hydra/testing'
import { describe } from 'vitest'
import { testStores } from '../test-support/test-stores.ts'
import { allianceViewsContract } from './alliance-views.contract.ts'

describe.each(testStores({ ...testBackends(), uniqueName }))('alliance views on $driver', ({ open }) => {
  allianceViewsContract(open)
})
