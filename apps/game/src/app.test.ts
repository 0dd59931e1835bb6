import { testBackends, uniqueName } from '@hydra/testing'
import { describe } from 'vitest'
import { gameAppContract } from './app.contract.ts'
import { bagContract } from './bag/bag.contract.ts'
import { dailyContract } from './daily/daily.contract.ts'
import { degradedContract } from './degraded.contract.ts'
import { eventLogContract } from './event-log/event-log.contract.ts'
import { failoverContract } from './failover.contract.ts'
import { ledgerContract } from './ledger/ledger.contract.ts'
import { lateArrivalsContract } from './role/late-arrivals.contract.ts'
import { sceneContract } from './scene/scene.contract.ts'
import { settingsContract } from './settings/settings.contract.ts'
import { teamContract } from './team/team.contract.ts'
import { teamLifeContract } from './team/team-life.contract.ts'
import { testBackendsKinds } from './test-support/test-backends.ts'
import { walletContract } from './wallet/wallet.contract.ts'

describe.each(testBackendsKinds({ ...testBackends(), uniqueName }))('on $name backends', ({ open }) => {
  describe('the game service', () => {
    gameAppContract(open)
  })
  describe('while stores are away', () => {
    degradedContract(open)
  })
  describe('roles that chat does not know', () => {
    lateArrivalsContract(open)
  })
  describe('scenes', () => {
    sceneContract(open)
  })
  describe('settings', () => {
    settingsContract(open)
  })
  describe('gold', () => {
    walletContract(open)
  })
  describe('teams', () => {
    teamContract(open)
    teamLifeContract(open)
  })
  describe('a bag', () => {
    bagContract(open)
  })
  describe('a day', () => {
    dailyContract(open)
  })
  describe('what is recorded of a role', () => {
    eventLogContract(open)
  })
  describe('the ledger', () => {
    ledgerContract(open)
  })
  describe('among several game servers', () => {
    failoverContract(open)
  })
})
