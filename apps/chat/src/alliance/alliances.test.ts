import { testBackends, uniqueName } from '@hydra/testing'
import { describe } from 'vitest'
import { testBackendsKinds } from '../test-support/test-backends.ts'
import { allianceContract } from './alliance.contract.ts'
import { foundingContract } from './founding.contract.ts'

describe.each(testBackendsKinds({ ...testBackends(), uniqueName }))(
  'alliances on $name backends',
  ({ open }) => {
    describe('of many', () => {
      allianceContract(open)
    })
    describe('at their founding', () => {
      foundingContract(open)
    })
  },
)
