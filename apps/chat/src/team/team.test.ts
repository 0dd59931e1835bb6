import { testBackends, uniqueName } from '@hydra/testing'
import { describe } from 'vitest'
import { testBackendsKinds } from '../test-support/test-backends.ts'
import { teamContract } from './team.contract.ts'

describe.each(testBackendsKinds({ ...testBackends(), uniqueName }))(
  'the channel of a team on $name backends',
  ({ open }) => {
    teamContract(open)
  },
)
