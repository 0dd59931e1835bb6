import { testBackends, uniqueName } from '@hydra/testing'
import { describe } from 'vitest'
import { testBackendsKinds } from '../test-support/test-backends.ts'
import { syncMembershipContract } from './sync-membership.contract.ts'

describe.each(testBackendsKinds({ ...testBackends(), uniqueName }))(
  'memberships on $name backends',
  ({ open }) => {
    syncMembershipContract(open)
  },
)
