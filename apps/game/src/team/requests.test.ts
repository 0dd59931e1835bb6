import { describe, expect, it } from 'vitest'
import { accept, apply, approve, cancel, decline, invite, reject, uninvite } from './requests.ts'
import type { Team } from './team.ts'

const settings = { membersMax: 3, requestsMax: 2, requestMs: 60 }
const nowMs = 100
const role = (rid: string) => ({ rid, name: `Name ${rid}`, level: 3 })
const member = (rid: string) => ({ ...role(rid), joinedAtMs: 1 })
const there = (rid: string) => ({ rid, isPlayed: true, isInTeam: false })
/** Ada leads; Kay has applied, Joe is invited. */
const team: Team = {
  teamId: 't',
  version: 4,
  leaderRid: 'ada',
  members: [member('ada'), member('bob')],
  applications: [{ ...role('kay'), atMs: 90, expiresAtMs: 150 }],
  invitations: [{ rid: 'joe', byRid: 'bob', atMs: 90, expiresAtMs: 150 }],
}
const full = { ...team, members: [...team.members, member('eve')] }
const refuses = (code: string, rule: () => unknown) => expect(rule).toThrow(expect.objectContaining({ code }))

describe('an invitation', () => {
  it('is open for a while, and made once', () => {
    const change = invite(team, 'ada', there('sue'), settings, nowMs)
    expect(change).toMatchObject({ reason: 'requests', rid: 'sue', invited: 'sue' })
    expect(change?.team.invitations.at(-1)).toEqual({ rid: 'sue', byRid: 'ada', atMs: 100, expiresAtMs: 160 })
    expect(invite(team, 'ada', there('joe'), settings, nowMs)).toBeUndefined()
  })

  it('makes a member of who has applied', () => {
    const change = invite(team, 'ada', there('kay'), settings, nowMs)
    expect(change).toMatchObject({ reason: 'joined', rid: 'kay', team: { applications: [] } })
    expect(change?.team.members.at(-1)).toEqual({ ...role('kay'), joinedAtMs: 100 })
    expect(change?.invited).toBeUndefined()
  })

  it('is refused', () => {
    const by = (rid: string, whom = there('sue'), of: Team = team) => invite(of, rid, whom, settings, nowMs)
    refuses('NOT_IN_TEAM', () => by('sue'))
    refuses('NOT_TEAM_LEADER', () => by('bob'))
    refuses('ALREADY_IN_TEAM', () => by('ada', there('bob')))
    refuses('ALREADY_IN_TEAM', () => by('ada', there('ada')))
    refuses('ALREADY_IN_TEAM', () => by('ada', { ...there('sue'), isInTeam: true }))
    refuses('ROLE_OFFLINE', () => by('ada', { ...there('sue'), isPlayed: false }))
    refuses('TEAM_FULL', () => by('ada', there('sue'), full))
    refuses('TEAM_FULL', () => by('ada', there('kay'), full))
    const [invitation] = team.invitations
    const asked = { ...team, invitations: [invitation, { ...invitation, rid: 'tom' }] } as Team
    refuses('TEAM_REQUESTS_FULL', () => by('ada', there('sue'), asked))
  })

  it('is accepted once, declined, or taken back', () => {
    const accepted = accept(team, { rid: 'joe', name: 'Joe', level: 8 }, settings, nowMs)
    expect(accepted).toMatchObject({ reason: 'joined', rid: 'joe', team: { invitations: [] } })
    expect(accepted.team.members.at(-1)).toEqual({ rid: 'joe', name: 'Joe', level: 8, joinedAtMs: 100 })
    expect(decline(team, 'joe')).toMatchObject({
      reason: 'requests',
      team: { invitations: [] },
      answers: [
        { to: 'bob', rid: 'joe', answer: 'declined' },
        { to: 'ada', rid: 'joe', answer: 'declined' },
      ],
    })
    const left = { ...team, members: [member('ada')] }
    expect(decline(left, 'joe').answers).toEqual([{ to: 'ada', rid: 'joe', answer: 'declined' }])
    expect(uninvite(team, 'ada', 'joe').answers).toEqual([{ to: 'joe', rid: 'joe', answer: 'withdrawn' }])
    refuses('ALREADY_IN_TEAM', () => accept(accepted.team, role('joe'), settings, nowMs))
    refuses('TEAM_FULL', () => accept(full, role('joe'), settings, nowMs))
    refuses('TEAM_REQUEST_NOT_FOUND', () => accept(team, role('kay'), settings, nowMs))
    refuses('TEAM_REQUEST_NOT_FOUND', () => decline(team, 'kay'))
    refuses('TEAM_REQUEST_NOT_FOUND', () => uninvite(team, 'ada', 'kay'))
    refuses('NOT_TEAM_LEADER', () => uninvite(team, 'bob', 'joe'))
  })
})

describe('an application', () => {
  it('is open for a while, and made once', () => {
    const change = apply(team, role('sue'), settings, nowMs)
    expect(change).toMatchObject({ reason: 'requests', rid: 'sue' })
    expect(change?.team.applications.at(-1)).toEqual({ ...role('sue'), atMs: 100, expiresAtMs: 160 })
    expect(apply(team, role('kay'), settings, nowMs)).toBeUndefined()
  })

  it('makes a member of who is invited', () => {
    const change = apply(team, role('joe'), settings, nowMs)
    expect(change).toMatchObject({ reason: 'joined', rid: 'joe', team: { invitations: [] } })
  })

  it('is refused', () => {
    refuses('ALREADY_IN_TEAM', () => apply(team, role('bob'), settings, nowMs))
    refuses('TEAM_FULL', () => apply(full, role('sue'), settings, nowMs))
    refuses('TEAM_FULL', () => apply(full, role('joe'), settings, nowMs))
    const asked = apply(team, role('sue'), settings, nowMs)?.team ?? team
    refuses('TEAM_REQUESTS_FULL', () => apply(asked, role('tom'), settings, nowMs))
  })

  it('is approved, rejected, or taken back', () => {
    const kay = { rid: 'kay', isPlayed: true }
    const change = approve(team, 'ada', kay, settings, nowMs)
    expect(change).toMatchObject({ reason: 'joined', rid: 'kay', team: { applications: [] } })
    expect(reject(team, 'ada', 'kay').answers).toEqual([{ to: 'kay', rid: 'kay', answer: 'rejected' }])
    expect(cancel(team, 'kay')).toMatchObject({ reason: 'requests', rid: 'kay', team: { applications: [] } })
    refuses('TEAM_REQUEST_NOT_FOUND', () =>
      approve(team, 'ada', { ...kay, isPlayed: false }, settings, nowMs),
    )
    refuses('TEAM_REQUEST_NOT_FOUND', () => approve(team, 'ada', { ...kay, rid: 'joe' }, settings, nowMs))
    refuses('TEAM_FULL', () => approve(full, 'ada', kay, settings, nowMs))
    refuses('ALREADY_IN_TEAM', () => approve(team, 'ada', { ...kay, rid: 'bob' }, settings, nowMs))
    refuses('NOT_TEAM_LEADER', () => approve(team, 'bob', kay, settings, nowMs))
    refuses('NOT_TEAM_LEADER', () => reject(team, 'bob', 'kay'))
    refuses('TEAM_REQUEST_NOT_FOUND', () => reject(team, 'ada', 'joe'))
    refuses('TEAM_REQUEST_NOT_FOUND', () => cancel(team, 'joe'))
  })
})
