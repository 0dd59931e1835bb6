import { testBackends, uniqueName } from '@hydra/testing'
import { describe } from 'vitest'
import { testBackendsKinds } from '../test-support/test-backends.ts'
import { presenceSweepContract } from './presence-sweep.contract.ts'

describe.each(testBackendsKinds({ ...testBackends(), uniqueName }))(
  'the sweep of presence on $name backends',
  ({ open }) => {
    presenceSweepContract(open)
  },
)
