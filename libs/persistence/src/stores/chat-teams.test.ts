import { testBackends, uniqueName } from '@hydra/testing'
import { describe } from 'vitest'
import { testStores } from '../test-support/test-stores.ts'
import { chatTeamsContract } from './chat-teams.contract.ts'

describe.each(testStores({ ...testBackends(), uniqueName }))('chat teams in $driver', ({ open }) => {
  chatTeamsContract(() => open())
})
