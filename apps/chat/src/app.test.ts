import { testBackends, uniqueName } from '@hydra/testing'
import { describe } from 'vitest'
import { chatAppContract } from './app.contract.ts'
import { testBackendsKinds } from './test-support/test-backends.ts'

describe.each(testBackendsKinds({ ...testBackends(), uniqueName }))(
  'the chat service on $name backends',
  ({ open }) => {
    chatAppContract(open)
  },
)
