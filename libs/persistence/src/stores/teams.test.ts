import { testBackends, uniqueName } from '@hydra/testing'
import { describe } from 'vitest'
import { testStores } from '../test-support/test-stores.ts'
import { teamsContract, teamsExpiryContract } from './teams.contract.ts'

describe.each(testStores({ ...testBackends(), uniqueName }))('teams in $driver', ({ driver, open }) => {
  teamsContract(() => open())
  // Redis goes by its own clock: redis-teams.test.ts.
  if (driver === 'memory') teamsExpiryContract(() => open())
})
