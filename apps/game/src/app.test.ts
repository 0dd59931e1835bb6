import { testBackends, uniqueName } from '@hydra/testing'
import { describe } from 'vitest'
import { gameAppContract } from './app.contract.ts'
import { degradedContract } from './degraded.contract.ts'
import { failoverContract } from './failover.contract.ts'
import { settingsContract } from './settings/settings.contract.ts'
import { testBackendsKinds } from './test-support/test-backends.ts'
import { walletContract } from './wallet/wallet.contract.ts'

describe.each(testBackendsKinds({ ...testBackends(), uniqueName }))('on $name backends', ({ open }) => {
  describe('the game service', () => {
    gameAppContract(open)
  })
  describe('while stores are away', () => {
    degradedContract(open)
  })
  describe('settings', () => {
    settingsContract(open)
  })
  describe('gold', () => {
    walletContract(open)
  })
  describe('among several game servers', () => {
    failoverContract(open)
  })
})
