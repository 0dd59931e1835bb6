import { HydraError, type RoleSummary } from '@hydra/protocol'
import {
  alreadyInTeam,
  isMember,
  requireLeader,
  type Team,
  type TeamAnswer,
  type TeamChange,
  type TeamSettings,
} from './team.ts'

/** What is known of a role that is to be asked into a team. */
export interface Invitee {
  readonly rid: string
  readonly isPlayed: boolean
  readonly isInTeam: boolean
}

/**
 * The leader asks a role into the team; who has applied is a member at once. One who is asked already changes nothing.
 *
 * @throws HydraError `NOT_IN_TEAM`, `NOT_TEAM_LEADER`, `ALREADY_IN_TEAM`, `ROLE_OFFLINE`, `TEAM_FULL`,
 * `TEAM_REQUESTS_FULL`.
 */
export function invite(
  team: Team,
  byRid: string,
  { rid, isPlayed, isInTeam }: Invitee,
  settings: TeamSettings,
  nowMs: number,
): TeamChange | undefined {
  requireLeader(team, byRid)
  if (isInTeam || isMember(team, rid)) throw alreadyInTeam(rid)
  if (!isPlayed) throw new HydraError('ROLE_OFFLINE', 'Nobody plays this role at the moment.')
  const applicant = team.applications.find((one) => one.rid === rid)
  if (applicant !== undefined) return joined(team, applicant, settings, nowMs)
  if (team.invitations.some((one) => one.rid === rid)) return undefined
  requireRoom(team, settings)
  requireRoomForRequest(team.invitations, settings)
  const invitation = { rid, byRid, atMs: nowMs, expiresAtMs: nowMs + settings.requestMs }
  const next = { ...team, invitations: [...team.invitations, invitation] }
  return { team: next, reason: 'requests', rid, invited: rid }
}

/** The leader takes an invitation back. @throws HydraError `NOT_IN_TEAM`, `NOT_TEAM_LEADER`, `TEAM_REQUEST_NOT_FOUND`. */
export function uninvite(team: Team, byRid: string, rid: string): TeamChange {
  requireLeader(team, byRid)
  return withoutInvitation(team, rid, [{ to: rid, rid, answer: 'withdrawn' }])
}

/** A role takes an invitation up. @throws HydraError `ALREADY_IN_TEAM`, `TEAM_REQUEST_NOT_FOUND`, `TEAM_FULL`. */
export function accept(team: Team, role: RoleSummary, settings: TeamSettings, nowMs: number): TeamChange {
  if (isMember(team, role.rid)) throw alreadyInTeam(role.rid)
  invitationOf(team, role.rid)
  return joined(team, role, settings, nowMs)
}

/** A role does not take an invitation up: who invited it hears of it, and who leads. @throws HydraError `TEAM_REQUEST_NOT_FOUND`. */
export function decline(team: Team, rid: string): TeamChange {
  const { byRid } = invitationOf(team, rid)
  const asked = [...new Set([byRid, team.leaderRid])].filter((to) => isMember(team, to))
  return withoutInvitation(
    team,
    rid,
    asked.map((to) => ({ to, rid, answer: 'declined' })),
  )
}

/**
 * A role asks to come into the team; who is invited is a member at once. One who has asked already changes nothing.
 *
 * @throws HydraError `ALREADY_IN_TEAM`, `TEAM_FULL`, `TEAM_REQUESTS_FULL`.
 */
export function apply(
  team: Team,
  { rid, name, level }: RoleSummary,
  settings: TeamSettings,
  nowMs: number,
): TeamChange | undefined {
  if (isMember(team, rid)) throw alreadyInTeam(rid)
  if (team.invitations.some((one) => one.rid === rid))
    return joined(team, { rid, name, level }, settings, nowMs)
  if (team.applications.some((one) => one.rid === rid)) return undefined
  requireRoom(team, settings)
  requireRoomForRequest(team.applications, settings)
  const application = { rid, name, level, atMs: nowMs, expiresAtMs: nowMs + settings.requestMs }
  return { team: { ...team, applications: [...team.applications, application] }, reason: 'requests', rid }
}

/** A role takes its application back. @throws HydraError `TEAM_REQUEST_NOT_FOUND`. */
export function cancel(team: Team, rid: string): TeamChange {
  return withoutApplication(team, rid, [])
}

/**
 * The leader answers an application with yes.
 *
 * @param isPlayed whether the role is still there: else its application went with it
 * @throws HydraError `NOT_IN_TEAM`, `NOT_TEAM_LEADER`, `ALREADY_IN_TEAM`, `TEAM_REQUEST_NOT_FOUND`, `TEAM_FULL`.
 */
export function approve(
  team: Team,
  byRid: string,
  { rid, isPlayed }: Omit<Invitee, 'isInTeam'>,
  settings: TeamSettings,
  nowMs: number,
): TeamChange {
  requireLeader(team, byRid)
  if (isMember(team, rid)) throw alreadyInTeam(rid)
  const application = applicationOf(team, rid)
  if (!isPlayed) throw requestNotFound()
  return joined(team, application, settings, nowMs)
}

/** The leader answers an application with no. @throws HydraError `NOT_IN_TEAM`, `NOT_TEAM_LEADER`, `TEAM_REQUEST_NOT_FOUND`. */
export function reject(team: Team, byRid: string, rid: string): TeamChange {
  requireLeader(team, byRid)
  return withoutApplication(team, rid, [{ to: rid, rid, answer: 'rejected' }])
}

function joined(
  team: Team,
  { rid, name, level }: RoleSummary,
  settings: TeamSettings,
  nowMs: number,
): TeamChange {
  requireRoom(team, settings)
  const members = [...team.members, { rid, name, level, joinedAtMs: nowMs }]
  const isOfOther = (one: { readonly rid: string }) => one.rid !== rid
  const applications = team.applications.filter(isOfOther)
  const invitations = team.invitations.filter(isOfOther)
  return { team: { ...team, members, applications, invitations }, reason: 'joined', rid }
}

function withoutInvitation(team: Team, rid: string, answers: readonly TeamAnswer[]): TeamChange {
  invitationOf(team, rid)
  const invitations = team.invitations.filter((one) => one.rid !== rid)
  return { team: { ...team, invitations }, reason: 'requests', rid, answers }
}

function withoutApplication(team: Team, rid: string, answers: readonly TeamAnswer[]): TeamChange {
  applicationOf(team, rid)
  const applications = team.applications.filter((one) => one.rid !== rid)
  return { team: { ...team, applications }, reason: 'requests', rid, answers }
}

function invitationOf(team: Team, rid: string): Team['invitations'][number] {
  const invitation = team.invitations.find((one) => one.rid === rid)
  if (invitation === undefined) throw requestNotFound()
  return invitation
}

function applicationOf(team: Team, rid: string): Team['applications'][number] {
  const application = team.applications.find((one) => one.rid === rid)
  if (application === undefined) throw requestNotFound()
  return application
}

function requireRoom({ members }: Team, { membersMax }: TeamSettings): void {
  if (members.length >= membersMax) throw new HydraError('TEAM_FULL', `The team has ${membersMax} members.`)
}

function requireRoomForRequest(open: readonly unknown[], { requestsMax }: TeamSettings): void {
  if (open.length < requestsMax) return
  throw new HydraError('TEAM_REQUESTS_FULL', `The team has ${requestsMax} open requests of this kind.`)
}

const requestNotFound = () =>
  new HydraError('TEAM_REQUEST_NOT_FOUND', 'There is no such application or invitation, or not any more.')
