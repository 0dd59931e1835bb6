import * as z from 'zod'
import { limits } from '../../limits.ts'
import { id, roleLevel, roleName, timestampMs } from '../shared.ts'

const role = { rid: id, name: roleName, level: roleLevel }

/** A member of a team. */
export const teamMember = z.object({ ...role, joinedAtMs: timestampMs })
/** An application to a team. */
export const teamApplication = z.object({ ...role, atMs: timestampMs, expiresAtMs: timestampMs })
/** An invitation to a team. */
export const teamInvitation = z.object({ rid: id, byRid: id, atMs: timestampMs, expiresAtMs: timestampMs })

/** A team as its members see it. */
export const teamView = z.object({
  teamId: id,
  version: z.number().int().min(1).describe('Grows by one with each change.'),
  leaderRid: id,
  members: z.array(teamMember).min(1).max(limits.teamMembersMax).describe('In the order in which they came.'),
  applications: z.array(teamApplication).max(limits.teamRequestsMax),
  invitations: z.array(teamInvitation).max(limits.teamRequestsMax),
})

/** Type of {@link teamView}. */
export type TeamView = Readonly<z.output<typeof teamView>>
/** Type of {@link teamMember}. */
export type TeamMember = Readonly<z.output<typeof teamMember>>
