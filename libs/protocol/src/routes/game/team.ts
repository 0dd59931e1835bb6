import * as z from 'zod'
import { definePush, defineRoute } from '../../define-route.ts'
import { empty, id, roleName, timestampMs } from '../shared.ts'
import { teamView } from './team-views.ts'

const ofTeam = z.object({ teamId: id })
const ofRole = z.object({ rid: id })
const answer = z.object({ team: teamView })
const left = z.object({
  team: teamView.nullable().describe('The team without the role; `null`: it is no more.'),
})

/** Creates a team. */
export const create = defineRoute({
  name: 'game.team.create',
  code: 230,
  kind: 'request',
  auth: 'role',
  request: empty,
  response: answer,
  errors: ['ALREADY_IN_TEAM'],
  summary: 'Make a team; the role leads it.',
})

/** Reads the own team. */
export const get = defineRoute({
  name: 'game.team.get',
  code: 231,
  kind: 'request',
  auth: 'role',
  request: empty,
  response: z.object({ team: teamView.nullable().describe('`null`: the role is in no team.') }),
  errors: [],
  summary: 'The team of the role.',
})

/** Invites a role. */
export const invite = defineRoute({
  name: 'game.team.invite',
  code: 232,
  kind: 'request',
  auth: 'role',
  request: ofRole,
  response: answer,
  errors: [
    'NOT_IN_TEAM',
    'NOT_TEAM_LEADER',
    'ALREADY_IN_TEAM',
    'TEAM_FULL',
    'TEAM_REQUESTS_FULL',
    'ROLE_OFFLINE',
  ],
  summary:
    'Ask a role into the team; it is told by `game.team.invited`. Who has applied becomes a member at once. As leader.',
})

/** Takes an invitation back. */
export const uninvite = defineRoute({
  name: 'game.team.uninvite',
  code: 233,
  kind: 'request',
  auth: 'role',
  request: ofRole,
  response: answer,
  errors: ['NOT_IN_TEAM', 'NOT_TEAM_LEADER', 'TEAM_REQUEST_NOT_FOUND'],
  summary: 'Take an invitation back. As leader.',
})

/** Accepts an invitation. */
export const accept = defineRoute({
  name: 'game.team.accept',
  code: 234,
  kind: 'request',
  auth: 'role',
  request: ofTeam,
  response: answer,
  errors: ['TEAM_NOT_FOUND', 'TEAM_REQUEST_NOT_FOUND', 'TEAM_FULL', 'ALREADY_IN_TEAM'],
  summary: 'Come into a team that has invited the role.',
})

/** Declines an invitation. */
export const decline = defineRoute({
  name: 'game.team.decline',
  code: 235,
  kind: 'request',
  auth: 'role',
  request: ofTeam,
  response: empty,
  errors: ['TEAM_NOT_FOUND', 'TEAM_REQUEST_NOT_FOUND'],
  summary: 'Answer an invitation with no.',
})

/** Applies to a team. */
export const apply = defineRoute({
  name: 'game.team.apply',
  code: 236,
  kind: 'request',
  auth: 'role',
  request: z.object({ member: id.describe('Role of any member of the team.') }),
  response: z.object({
    teamId: id,
    isMember: z.boolean().describe('Whether the role is a member now, because it had been invited.'),
  }),
  errors: ['TEAM_NOT_FOUND', 'TEAM_FULL', 'TEAM_REQUESTS_FULL', 'ALREADY_IN_TEAM'],
  summary: 'Ask to come into the team of another role. Who has been invited becomes a member at once.',
})

/** Takes an application back. */
export const cancel = defineRoute({
  name: 'game.team.cancel',
  code: 237,
  kind: 'request',
  auth: 'role',
  request: ofTeam,
  response: empty,
  errors: ['TEAM_NOT_FOUND', 'TEAM_REQUEST_NOT_FOUND'],
  summary: 'Take an application back.',
})

/** Accepts an application. */
export const approve = defineRoute({
  name: 'game.team.approve',
  code: 238,
  kind: 'request',
  auth: 'role',
  request: ofRole,
  response: answer,
  errors: ['NOT_IN_TEAM', 'NOT_TEAM_LEADER', 'TEAM_REQUEST_NOT_FOUND', 'TEAM_FULL', 'ALREADY_IN_TEAM'],
  summary: 'Answer an application with yes: the role is a member. As leader.',
})

/** Rejects an application. */
export const reject = defineRoute({
  name: 'game.team.reject',
  code: 239,
  kind: 'request',
  auth: 'role',
  request: ofRole,
  response: answer,
  errors: ['NOT_IN_TEAM', 'NOT_TEAM_LEADER', 'TEAM_REQUEST_NOT_FOUND'],
  summary: 'Answer an application with no. As leader.',
})

/** Leaves the team. */
export const leave = defineRoute({
  name: 'game.team.leave',
  code: 240,
  kind: 'request',
  auth: 'role',
  request: empty,
  response: left,
  errors: ['NOT_IN_TEAM'],
  summary:
    'Leave the team. If the leader leaves, who has been in it the longest leads; the last one ends it.',
})

/** Puts a member out. */
export const kick = defineRoute({
  name: 'game.team.kick',
  code: 241,
  kind: 'request',
  auth: 'role',
  request: ofRole,
  response: answer,
  errors: ['NOT_IN_TEAM', 'NOT_TEAM_LEADER', 'BAD_REQUEST'],
  summary: 'Put another member out. As leader.',
})

/** Hands the team over. */
export const handOver = defineRoute({
  name: 'game.team.handOver',
  code: 242,
  kind: 'request',
  auth: 'role',
  request: ofRole,
  response: answer,
  errors: ['NOT_IN_TEAM', 'NOT_TEAM_LEADER'],
  summary: 'Make another member the leader. As leader.',
})

/** Ends the team. */
export const disband = defineRoute({
  name: 'game.team.disband',
  code: 243,
  kind: 'request',
  auth: 'role',
  request: empty,
  response: empty,
  errors: ['NOT_IN_TEAM', 'NOT_TEAM_LEADER'],
  summary: 'End the team. As leader.',
})

/** The own team has changed. */
export const changed = definePush({
  name: 'game.team.changed',
  code: 261,
  payload: z.object({
    teamId: id,
    version: z.number().int().min(1),
    team: teamView.nullable().describe('`null`: the role is not in it any more, or it is no more.'),
    reason: z.enum([
      'created',
      'joined',
      'left',
      'kicked',
      'handedOver',
      'disbanded',
      'requests',
      'lost',
      'renamed',
    ]),
    rid: id.optional().describe('Whom it is about.'),
  }),
  summary:
    'The team of the role is another, or it has changed. One with a smaller version than known came late.',
})

/** An invitation has come. */
export const invited = definePush({
  name: 'game.team.invited',
  code: 262,
  payload: z.object({
    teamId: id,
    from: z.object({ rid: id, name: roleName }),
    members: z.number().int().min(1),
    expiresAtMs: timestampMs,
  }),
  summary: 'A team has invited the role; `game.team.accept` or `game.team.decline` answers.',
})

/** A request of the role was answered. */
export const answered = definePush({
  name: 'game.team.answered',
  code: 263,
  payload: z.object({
    teamId: id,
    rid: id.describe('Who had applied, or was invited.'),
    answer: z.enum(['rejected', 'declined', 'withdrawn']),
  }),
  summary:
    'An application was rejected, an invitation was declined or taken back. Yes shows as `game.team.changed`.',
})
