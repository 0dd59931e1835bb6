import { testBackends, uniqueName } from '@hydra/testing'
import { describe } from 'vitest'
import { badInputContract } from './bad-input.contract.ts'
import { testBackendsKinds } from './test-support/test-backends.ts'

describe.each(testBackendsKinds({ ...testBackends(), uniqueName }))(
  'bad input to the chat service on $name backends',
  ({ open }) => {
    badInputContract(open)
  },
)
