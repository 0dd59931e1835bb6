import { testBackends, uniqueName } from '@hydra/testing'
import { describe } from 'vitest'
import { testBackendsKinds } from '../test-support/test-backends.ts'
import { storesLostContract } from './stores-lost.contract.ts'

describe.each(testBackendsKinds({ ...testBackends(), uniqueName }))(
  'a loss of all stores on $name backends',
  ({ open }) => {
    storesLostContract(open)
  },
)
