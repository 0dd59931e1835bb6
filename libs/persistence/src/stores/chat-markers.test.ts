import { testBackends, uniqueName } from '@hydra/testing'
import { describe } from 'vitest'
import { testStores } from '../test-support/test-stores.ts'
import { chatMarkersContract } from './chat-markers.contract.ts'

describe.each(testStores({ ...testBackends(), uniqueName }))('chat markers in $driver', ({ open }) => {
  chatMarkersContract(open)
})
