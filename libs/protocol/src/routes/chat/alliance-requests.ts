import * as z from 'zod'
import { definePush } from '../../define-route.ts'
import { empty, id, roleName, timestampMs } from '../shared.ts'
import { allianceRoute, cursor, limit, next, oneAlliance, oneRole } from './alliance-route.ts'
import { allianceRequest } from './alliance-views.ts'

/** Applies. */
export const apply = allianceRoute({
  name: 'chat.alliance.apply',
  code: 330,
  request: oneAlliance,
  response: z.object({ state: z.enum(['joined', 'applied']) }),
  errors: [
    'ALLIANCE_NOT_FOUND',
    'ALREADY_IN_ALLIANCE',
    'ALLIANCE_FULL',
    'ALLIANCE_CLOSED',
    'ALLIANCE_LEVEL_TOO_LOW',
    'ALLIANCE_REQUESTS_FULL',
    'CHAT_NOT_JOINED',
  ],
  summary: 'Join an open alliance at once, or apply to one that chooses. Who was invited joins at once.',
})

/** Takes an application back. */
export const cancel = allianceRoute({
  name: 'chat.alliance.cancel',
  code: 331,
  request: oneAlliance,
  response: empty,
  errors: ['ALLIANCE_REQUEST_NOT_FOUND'],
  summary: 'Take an application back.',
})

/** Lists applications to the own alliance. */
export const applications = allianceRoute({
  name: 'chat.alliance.applications',
  code: 332,
  request: z.object({ cursor, limit }),
  response: z.object({ requests: z.array(allianceRequest), next }),
  errors: ['NOT_IN_ALLIANCE', 'ALLIANCE_RANK_TOO_LOW'],
  summary: "Applications to the role's alliance, the oldest first.",
})

/** Lets an applicant in. */
export const approve = allianceRoute({
  name: 'chat.alliance.approve',
  code: 333,
  request: oneRole,
  response: empty,
  errors: [
    'NOT_IN_ALLIANCE',
    'ALLIANCE_RANK_TOO_LOW',
    'ALLIANCE_REQUEST_NOT_FOUND',
    'ALLIANCE_FULL',
    'ALREADY_IN_ALLIANCE',
  ],
  summary: 'Let an applicant in.',
})

/** Refuses an applicant. */
export const reject = allianceRoute({
  name: 'chat.alliance.reject',
  code: 334,
  request: oneRole,
  response: empty,
  errors: ['NOT_IN_ALLIANCE', 'ALLIANCE_RANK_TOO_LOW', 'ALLIANCE_REQUEST_NOT_FOUND'],
  summary: 'Refuse an applicant.',
})

/** Invites a role. */
export const invite = allianceRoute({
  name: 'chat.alliance.invite',
  code: 335,
  request: oneRole,
  response: z.object({ state: z.enum(['joined', 'invited']) }),
  errors: [
    'NOT_IN_ALLIANCE',
    'ALLIANCE_RANK_TOO_LOW',
    'ROLE_NOT_FOUND',
    'ALREADY_IN_ALLIANCE',
    'ALLIANCE_FULL',
    'ALLIANCE_REQUESTS_FULL',
  ],
  summary: 'Invite a role. Who has applied joins at once.',
})

/** Takes an invitation back. */
export const uninvite = allianceRoute({
  name: 'chat.alliance.uninvite',
  code: 336,
  request: oneRole,
  response: empty,
  errors: ['NOT_IN_ALLIANCE', 'ALLIANCE_RANK_TOO_LOW', 'ALLIANCE_REQUEST_NOT_FOUND'],
  summary: 'Take an invitation back.',
})

/** Lists what is open between the role and alliances. */
export const requests = allianceRoute({
  name: 'chat.alliance.requests',
  code: 337,
  request: empty,
  response: z.object({ requests: z.array(allianceRequest) }),
  errors: [],
  summary: "The role's own applications and the invitations it has.",
})

/** Accepts an invitation. */
export const accept = allianceRoute({
  name: 'chat.alliance.accept',
  code: 338,
  request: oneAlliance,
  response: empty,
  errors: [
    'ALLIANCE_NOT_FOUND',
    'ALLIANCE_REQUEST_NOT_FOUND',
    'ALREADY_IN_ALLIANCE',
    'ALLIANCE_FULL',
    'CHAT_NOT_JOINED',
  ],
  summary: 'Join an alliance that has invited this role, whatever its policy and minimum level.',
})

/** Declines an invitation. */
export const decline = allianceRoute({
  name: 'chat.alliance.decline',
  code: 339,
  request: oneAlliance,
  response: empty,
  errors: ['ALLIANCE_REQUEST_NOT_FOUND'],
  summary: 'Decline an invitation.',
})

/** Something that concerns a role outside of the alliance. */
export const answered = definePush({
  name: 'chat.alliance.answered',
  code: 372,
  payload: z.object({
    allianceId: id,
    allianceName: z.string(),
    kind: z.enum(['invited', 'uninvited', 'approved', 'rejected', 'kicked', 'disbanded']),
    by: z.object({ rid: id, name: roleName }).optional(),
    atMs: timestampMs,
  }),
  summary: 'An alliance has decided something about this role.',
})
