import { testBackends, uniqueName } from '@hydra/testing'
import { describe } from 'vitest'
import { testBackendsKinds } from '../test-support/test-backends.ts'
import { presenceContract } from './presence.contract.ts'

describe.each(testBackendsKinds({ ...testBackends(), uniqueName }))(
  'presence on $name backends',
  ({ open }) => {
    presenceContract(open)
  },
)
