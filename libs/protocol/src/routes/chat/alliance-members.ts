import * as z from 'zod'
import { limits } from '../../limits.ts'
import { empty } from '../shared.ts'
import { allianceRoute, oneAlliance, oneRole } from './alliance-route.ts'
import { allianceMember } from './alliance-views.ts'

/** Lists the members. */
export const members = allianceRoute({
  name: 'chat.alliance.members',
  code: 329,
  request: oneAlliance,
  response: z.object({ members: z.array(allianceMember).max(limits.allianceMembersMax) }),
  errors: ['ALLIANCE_NOT_FOUND'],
  summary:
    'The members, the leader first, then officers, each in the order of joining, and who of them is online.',
})

/** Leaves. */
export const leave = allianceRoute({
  name: 'chat.alliance.leave',
  code: 340,
  request: empty,
  response: empty,
  errors: ['NOT_IN_ALLIANCE', 'ALLIANCE_LEADER_STAYS'],
  summary: 'Leave the alliance.',
})

/** Kicks a member. */
export const kick = allianceRoute({
  name: 'chat.alliance.kick',
  code: 341,
  request: oneRole,
  response: empty,
  errors: ['NOT_IN_ALLIANCE', 'ALLIANCE_RANK_TOO_LOW'],
  summary: 'Put a member of a lower rank out.',
})

/** Makes a member an officer. */
export const promote = allianceRoute({
  name: 'chat.alliance.promote',
  code: 342,
  request: oneRole,
  response: empty,
  errors: ['NOT_IN_ALLIANCE', 'ALLIANCE_RANK_TOO_LOW'],
  summary: 'Make a member an officer. An officer stays one: handOver makes leaders.',
})

/** Makes an officer a member. */
export const demote = allianceRoute({
  name: 'chat.alliance.demote',
  code: 343,
  request: oneRole,
  response: empty,
  errors: ['NOT_IN_ALLIANCE', 'ALLIANCE_RANK_TOO_LOW'],
  summary: 'Make an officer a member. A member stays one.',
})

/** Makes another one the leader. */
export const handOver = allianceRoute({
  name: 'chat.alliance.handOver',
  code: 344,
  request: oneRole,
  response: empty,
  errors: ['NOT_IN_ALLIANCE', 'ALLIANCE_RANK_TOO_LOW'],
  summary: 'Make another member the leader; this role goes on as an officer.',
})
