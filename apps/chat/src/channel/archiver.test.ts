import { testBackends, uniqueName } from '@hydra/testing'
import { describe } from 'vitest'
import { testBackendsKinds } from '../test-support/test-backends.ts'
import { archiverContract } from './archiver.contract.ts'

describe.each(testBackendsKinds({ ...testBackends(), uniqueName }))(
  'archiving chat on $name backends',
  ({ open }) => {
    archiverContract(open)
  },
)
