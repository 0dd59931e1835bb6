import { allianceRanks, type AllianceRank } from '@hydra/protocol'
import { expect, it } from 'vitest'
import { testState } from '../test-support/alliance-state.ts'
import { actorOf, capacityOf, mayDeleteMessages, mayDo, type AllianceAction } from './alliance.ts'

const mayDoAs: Readonly<Record<AllianceAction, readonly AllianceRank[]>> = {
  seeApplications: ['leader', 'officer'],
  approve: ['leader', 'officer'],
  reject: ['leader', 'officer'],
  invite: ['leader', 'officer'],
  uninvite: ['leader', 'officer'],
  kick: ['leader', 'officer'],
  deleteMessage: ['leader', 'officer'],
  promote: ['leader'],
  demote: ['leader'],
  update: ['leader'],
  handOver: ['leader'],
  disband: ['leader'],
}

it.each(Object.entries(mayDoAs))('%s is for %j', (action, ranks) => {
  for (const rank of allianceRanks) {
    expect([rank, mayDo(rank, action as AllianceAction)]).toEqual([rank, ranks.includes(rank)])
  }
})

it('lets officers and the leader delete messages', () => {
  expect(allianceRanks.filter(mayDeleteMessages)).toEqual(['leader', 'officer'])
})

it('gives further levels the capacity of the last one', () => {
  const capacities = [30, 40, 50]
  expect([1, 2, 3, 4, 1_000].map((level) => capacityOf(level, capacities))).toEqual([30, 40, 50, 50, 50])
})

it('names who can help where a rank does not allow something', () => {
  const state = testState({ members: { lea: 'leader', off: 'officer', mem: 'member' } })
  expect(() => actorOf(state, 'mem', 'kick')).toThrow(/officer or the leader/)
  expect(() => actorOf(state, 'off', 'disband')).toThrow(/ask the leader/)
})
