import { testBackends, uniqueName } from '@hydra/testing'
import { describe } from 'vitest'
import { allianceTextContract } from './alliance-text.contract.ts'
import { textContract } from './text.contract.ts'
import { testBackendsKinds } from './test-support/test-backends.ts'

describe.each(testBackendsKinds({ ...testBackends(), uniqueName }))(
  'texts in the chat service on $name backends',
  ({ open }) => {
    describe('of messages', () => {
      textContract(open)
    })
    describe('of alliances', () => {
      allianceTextContract(open)
    })
  },
)
