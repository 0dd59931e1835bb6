import { testBackends, uniqueName } from '@hydra/testing'
import { describe } from 'vitest'
import { gameAppContract } from './app.contract.ts'
import { testBackendsKinds } from './test-support/test-backends.ts'

describe.each(testBackendsKinds({ ...testBackends(), uniqueName }))(
  'the game service on $name backends',
  ({ open }) => {
    gameAppContract(open)
  },
)
