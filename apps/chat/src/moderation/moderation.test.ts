import { testBackends, uniqueName } from '@hydra/testing'
import { describe } from 'vitest'
import { testBackendsKinds } from '../test-support/test-backends.ts'
import { moderationContract } from './moderation.contract.ts'

describe.each(testBackendsKinds({ ...testBackends(), uniqueName }))(
  'moderation of chat on $name backends',
  ({ open }) => {
    moderationContract(open)
  },
)
