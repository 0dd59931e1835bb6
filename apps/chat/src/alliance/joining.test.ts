import { describe, expect, it } from 'vitest'
import { testRole, testState, type TestStateOptions } from '../test-support/alliance-state.ts'
import * as joining from './joining.ts'

const bounds = { capacities: [3, 4], requestsMax: 2, applicationsPerRoleMax: 2, invitationsPerRoleMax: 2 }
const ada = testRole('ada')
const joins = { join: [{ ...ada, rank: 'member' }] }
const full = { members: { lea: 'leader', off: 'officer', mem: 'member' } } as const

const apply = (options: TestStateOptions, elsewhere = 0) =>
  joining.apply(testState(options), ada, bounds, elsewhere)
const error = (code: string) => expect.objectContaining({ code })

describe('applying', () => {
  it('joins an open alliance at once', () => {
    expect(apply({ alliance: { policy: 'open' } })).toMatchObject({ ...joins, log: { kind: 'joined' } })
  })

  it('waits where applicants are approved', () => {
    expect(apply({})).toEqual({
      addRequest: { kind: 'application', rid: 'ada', role: ada },
      log: { kind: 'applied', actor: { rid: 'ada', name: 'ADA' } },
    })
    expect(apply({ ...full })).toHaveProperty('addRequest')
  })

  it('twice changes nothing, but joins if the alliance has opened meanwhile', () => {
    expect(apply({ applications: ['ada'], requestCounts: { application: 2 } }, 2)).toBeUndefined()
    expect(apply({ applications: ['ada'], alliance: { policy: 'open' } })).toMatchObject(joins)
  })

  it('of who was invited joins whatever the policy and the minimum level', () => {
    const alliance = { policy: 'closed', minLevel: 50 } as const
    expect(apply({ invitations: ['ada'], alliance })).toMatchObject({ ...joins, log: { kind: 'accepted' } })
  })

  it('is refused to members, of whichever alliance', () => {
    expect(() => apply({ elsewhere: ['ada'] })).toThrow(error('ALREADY_IN_ALLIANCE'))
    expect(() => apply({ members: { lea: 'leader', ada: 'member' } })).toThrow(error('ALREADY_IN_ALLIANCE'))
  })

  it('is refused by policy, level, capacity and number of requests', () => {
    expect(() => apply({ alliance: { policy: 'closed' } })).toThrow(error('ALLIANCE_CLOSED'))
    expect(() => apply({ alliance: { minLevel: 2 } })).toThrow(error('ALLIANCE_LEVEL_TOO_LOW'))
    expect(() => apply({ ...full, alliance: { policy: 'open' } })).toThrow(error('ALLIANCE_FULL'))
    expect(() => apply({ requestCounts: { application: 2 } })).toThrow(error('ALLIANCE_REQUESTS_FULL'))
    expect(() => apply({}, 2)).toThrow(error('ALLIANCE_REQUESTS_FULL'))
    expect(apply({ requestCounts: { invitation: 2 } }, 1)).toHaveProperty('addRequest')
  })

  it('has room again when the alliance has a higher level', () => {
    expect(apply({ ...full, alliance: { policy: 'open', level: 2 } })).toMatchObject(joins)
  })

  it('can be taken back', () => {
    expect(joining.cancel(testState({ applications: ['ada'] }), ada)).toMatchObject({
      endRequests: [{ kind: 'application', rid: 'ada' }],
    })
    expect(() => joining.cancel(testState({ invitations: ['ada'] }), ada)).toThrow(
      error('ALLIANCE_REQUEST_NOT_FOUND'),
    )
  })
})

describe('applicants', () => {
  const approve = (options: TestStateOptions) => joining.approve(testState(options), 'lea', ada, bounds)

  it('are let in', () => {
    expect(approve({ applications: ['ada'] })).toMatchObject({
      ...joins,
      log: { kind: 'approved', actor: { rid: 'lea' }, target: { rid: 'ada' } },
    })
  })

  it('are not let in without an application, from another alliance, or where no room is left', () => {
    expect(() => approve({ invitations: ['ada'] })).toThrow(error('ALLIANCE_REQUEST_NOT_FOUND'))
    expect(() => approve({ elsewhere: ['ada'] })).toThrow(error('ALREADY_IN_ALLIANCE'))
    expect(() => approve({ ...full, applications: ['ada'] })).toThrow(error('ALLIANCE_FULL'))
  })

  it('are refused', () => {
    expect(joining.reject(testState({ applications: ['ada'] }), 'lea', ada)).toMatchObject({
      endRequests: [{ kind: 'application', rid: 'ada' }],
      log: { kind: 'rejected', target: { rid: 'ada' } },
    })
    expect(() => joining.reject(testState(), 'lea', ada)).toThrow(error('ALLIANCE_REQUEST_NOT_FOUND'))
  })
})

describe('inviting', () => {
  const invite = (options: TestStateOptions, actor = 'lea', openElsewhere = 0) =>
    joining.invite(testState(options), actor, ada, bounds, openElsewhere)

  it('waits for an answer, and changes nothing the second time', () => {
    expect(invite({ alliance: { policy: 'closed', minLevel: 50 } })).toEqual({
      addRequest: { kind: 'invitation', rid: 'ada', role: ada, by: { rid: 'lea', name: 'LEA' } },
      log: { kind: 'invited', actor: { rid: 'lea', name: 'LEA' }, target: { rid: 'ada', name: 'ADA' } },
    })
    expect(invite({ invitations: ['ada'], requestCounts: { invitation: 2 } })).toBeUndefined()
  })

  it('lets in who has applied', () => {
    expect(invite({ applications: ['ada'] })).toMatchObject({ ...joins, log: { kind: 'approved' } })
    expect(() => invite({ ...full, applications: ['ada'] })).toThrow(error('ALLIANCE_FULL'))
  })

  it('is refused to members and strangers, and of members', () => {
    const members = { lea: 'leader', mem: 'member' } as const
    expect(() => invite({ members }, 'mem')).toThrow(error('ALLIANCE_RANK_TOO_LOW'))
    expect(() => invite({ members }, 'eve')).toThrow(error('NOT_IN_ALLIANCE'))
    expect(() => invite({ members, elsewhere: ['eve'] }, 'eve')).toThrow(error('NOT_IN_ALLIANCE'))
    expect(() => invite({ elsewhere: ['ada'] })).toThrow(error('ALREADY_IN_ALLIANCE'))
    expect(() => invite({ requestCounts: { invitation: 2 } })).toThrow(error('ALLIANCE_REQUESTS_FULL'))
    expect(() => invite({}, 'lea', 2)).toThrow(error('ALLIANCE_REQUESTS_FULL'))
    expect(invite({ invitations: ['ada'] }, 'lea', 2)).toBeUndefined()
    expect(invite({ applications: ['ada'] }, 'lea', 2)).toMatchObject(joins)
  })

  it('can be taken back, accepted and declined', () => {
    const invited = testState({ invitations: ['ada'], alliance: { policy: 'closed', minLevel: 50 } })
    const ends = { endRequests: [{ kind: 'invitation', rid: 'ada' }] }
    expect(joining.uninvite(invited, 'lea', ada)).toMatchObject({ ...ends, log: { kind: 'uninvited' } })
    expect(joining.decline(invited, ada)).toMatchObject({ ...ends, log: { kind: 'declined' } })
    expect(joining.accept(invited, ada, bounds)).toMatchObject({ ...joins, log: { kind: 'accepted' } })
    const applied = testState({ applications: ['ada'] })
    const notFound = error('ALLIANCE_REQUEST_NOT_FOUND')
    expect(() => joining.uninvite(applied, 'lea', ada)).toThrow(notFound)
    expect(() => joining.decline(applied, ada)).toThrow(notFound)
    expect(() => joining.accept(applied, ada, bounds)).toThrow(notFound)
    expect(() => joining.accept(testState({ ...full, invitations: ['ada'] }), ada, bounds)).toThrow(
      error('ALLIANCE_FULL'),
    )
  })
})
