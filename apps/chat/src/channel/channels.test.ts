import { testBackends, uniqueName } from '@hydra/testing'
import { describe } from 'vitest'
import { testBackendsKinds } from '../test-support/test-backends.ts'
import { channelsContract } from './channels.contract.ts'

describe.each(testBackendsKinds({ ...testBackends(), uniqueName }))(
  'channels on $name backends',
  ({ open }) => {
    channelsContract(open)
  },
)
