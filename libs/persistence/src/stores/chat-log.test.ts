import { testBackends, uniqueName } from '@hydra/testing'
import { describe } from 'vitest'
import { testStores } from '../test-support/test-stores.ts'
import { chatLogContract } from './chat-log.contract.ts'

describe.each(testStores({ ...testBackends(), uniqueName }))('chat log in $driver', ({ open }) => {
  chatLogContract(open)
})
