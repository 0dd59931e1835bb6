import { describe, expect, it } from 'vitest'
import { create, disband, handOver, kick, leave, lost, shown, withoutExpired, type Team } from './team.ts'

const role = (rid: string) => ({ rid, name: `Name ${rid}`, level: 3 })
const member = (rid: string) => ({ ...role(rid), joinedAtMs: 1 })
/** Ada leads; Bob and Eve came later. */
const team: Team = {
  teamId: 't',
  version: 4,
  leaderRid: 'ada',
  members: [member('ada'), member('bob'), member('eve')],
  applications: [{ ...role('kay'), atMs: 10, expiresAtMs: 70 }],
  invitations: [{ rid: 'joe', byRid: 'ada', atMs: 20, expiresAtMs: 80 }],
}
const rids = ({ members }: Team) => members.map(({ rid }) => rid)

describe('a team', () => {
  it('begins with who has made it', () => {
    expect(create('t', role('ada'), 9)).toEqual({
      team: {
        teamId: 't',
        version: 0,
        leaderRid: 'ada',
        members: [{ ...role('ada'), joinedAtMs: 9 }],
        applications: [],
        invitations: [],
      },
      reason: 'created',
      rid: 'ada',
    })
  })

  it('is led by who has been in it the longest when its leader leaves', () => {
    const change = leave(team, 'ada')
    expect(change).toMatchObject({ reason: 'left', rid: 'ada', team: { leaderRid: 'bob', version: 4 } })
    expect(rids(change.team)).toEqual(['bob', 'eve'])
    expect(leave(team, 'bob').team).toMatchObject({ leaderRid: 'ada' })
    const led = { ...team, leaderRid: 'eve' }
    expect(leave(led, 'eve').team).toMatchObject({ leaderRid: 'ada' })
  })

  it('ends with its last member, and whoever waits for it hears so', () => {
    const alone = { ...team, members: [member('ada')] }
    for (const change of [leave(alone, 'ada'), disband(team, 'ada'), lost(team, ['eve', 'ada', 'bob'])]) {
      expect(change?.team).toMatchObject({ members: [], applications: [], invitations: [] })
      expect(change?.answers).toEqual([
        { to: 'kay', rid: 'kay', answer: 'rejected' },
        { to: 'joe', rid: 'joe', answer: 'withdrawn' },
      ])
    }
    expect(disband(team, 'ada')).toMatchObject({ reason: 'disbanded', rid: 'ada' })
  })

  it('loses members that are gone, whichever of them led', () => {
    expect(lost(team, ['nobody'])).toBeUndefined()
    expect(lost(team, ['eve', 'nobody'])).toMatchObject({
      reason: 'lost',
      rid: 'eve',
      team: { leaderRid: 'ada' },
    })
    const change = lost(team, ['bob', 'ada'])
    expect(change).toMatchObject({ reason: 'lost', team: { leaderRid: 'eve' } })
    expect(change?.rid).toBeUndefined()
  })

  it('is changed by its leader, to others', () => {
    expect(rids(kick(team, 'ada', 'bob').team)).toEqual(['ada', 'eve'])
    expect(handOver(team, 'ada', 'eve')).toMatchObject({ reason: 'handedOver', team: { leaderRid: 'eve' } })
    expect(handOver(team, 'ada', 'ada')).toBeUndefined()
    expect(() => kick(team, 'ada', 'ada')).toThrow(expect.objectContaining({ code: 'BAD_REQUEST' }))
    for (const rule of [kick, handOver]) {
      expect(() => rule(team, 'ada', 'kay')).toThrow(expect.objectContaining({ code: 'NOT_IN_TEAM' }))
      expect(() => rule(team, 'bob', 'eve')).toThrow(expect.objectContaining({ code: 'NOT_TEAM_LEADER' }))
      expect(() => rule(team, 'kay', 'eve')).toThrow(expect.objectContaining({ code: 'NOT_IN_TEAM' }))
    }
    expect(() => disband(team, 'bob')).toThrow(expect.objectContaining({ code: 'NOT_TEAM_LEADER' }))
    expect(() => leave(team, 'kay')).toThrow(expect.objectContaining({ code: 'NOT_IN_TEAM' }))
  })

  it('shows each member as it is', () => {
    expect(shown(team, { rid: 'bob', name: 'Robert', level: 4 })).toMatchObject({
      reason: 'renamed',
      rid: 'bob',
      team: { members: [member('ada'), { rid: 'bob', name: 'Robert', level: 4 }, member('eve')] },
    })
    expect(shown(team, role('bob'))).toBeUndefined()
    expect(shown(team, role('kay'))).toBeUndefined()
  })

  it('forgets requests at the moment at which they expire', () => {
    expect(withoutExpired(team, 69)).toEqual(team)
    expect(withoutExpired(team, 70)).toEqual({ ...team, applications: [] })
    expect(withoutExpired(team, 80)).toEqual({ ...team, applications: [], invitations: [] })
  })
})
