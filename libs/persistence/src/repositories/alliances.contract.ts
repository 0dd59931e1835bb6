import { describe } from 'vitest'
import type { OpenAlliances } from '../test-support/alliance-world.ts'
import { allianceChangesContract } from './alliance-changes.contract.ts'
import { allianceFoundingsContract } from './alliance-foundings.contract.ts'
import { allianceListsContract } from './alliance-lists.contract.ts'
import { allianceRacesContract } from './alliance-races.contract.ts'

/** What alliances do on every database. */
export function alliancesContract(open: OpenAlliances): void {
  describe('foundings', () => {
    allianceFoundingsContract(open)
  })
  describe('changes', () => {
    allianceChangesContract(open)
  })
  describe('races', () => {
    allianceRacesContract(open)
  })
  describe('lists', () => {
    allianceListsContract(open)
  })
}
