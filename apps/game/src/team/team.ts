import { HydraError, type PayloadOf, type pushes, type RoleSummary, type TeamView } from '@hydra/protocol'

/** A team as its rules see it, and its members. Without members it has ended. Its version is not theirs to change. */
export type Team = TeamView
/** Why a team is another. */
export type TeamReason = PayloadOf<typeof pushes.game.team.changed>['reason']
/** What became of an application or an invitation that was not taken up, and who is to hear of it. */
export interface TeamAnswer {
  readonly to: string
  readonly rid: string
  readonly answer: PayloadOf<typeof pushes.game.team.answered>['answer']
}

/** What a rule has decided: the next team, and who hears of it besides the members. */
export interface TeamChange {
  readonly team: Team
  readonly reason: TeamReason
  /** Whom it is about. */
  readonly rid?: string
  /** Who is asked into the team. */
  readonly invited?: string
  readonly answers?: readonly TeamAnswer[]
}

/** Bounds of teams, from `[team]` of the configuration. */
export interface TeamSettings {
  readonly membersMax: number
  /** Open applications, and open invitations. */
  readonly requestsMax: number
  /** How long an application or an invitation is open. */
  readonly requestMs: number
}

/** A team of one, who leads it. */
export function create(teamId: string, { rid, name, level }: RoleSummary, nowMs: number): TeamChange {
  const members = [{ rid, name, level, joinedAtMs: nowMs }]
  const team = { teamId, version: 0, leaderRid: rid, members, applications: [], invitations: [] }
  return { team, reason: 'created', rid }
}

/** A member leaves. If it led, who has been there the longest leads; the last one ends the team. */
export function leave(team: Team, rid: string): TeamChange {
  requireMember(team, rid)
  return without(team, [rid], 'left')
}

/** The leader puts another member out. @throws HydraError `NOT_IN_TEAM`, `NOT_TEAM_LEADER`, `BAD_REQUEST`. */
export function kick(team: Team, byRid: string, rid: string): TeamChange {
  requireLeader(team, byRid)
  if (rid === byRid) throw new HydraError('BAD_REQUEST', 'Nobody puts itself out; leave the team instead.')
  requireMember(team, rid)
  return without(team, [rid], 'kicked')
}

/** Another member leads. @throws HydraError `NOT_IN_TEAM`, `NOT_TEAM_LEADER`. */
export function handOver(team: Team, byRid: string, rid: string): TeamChange | undefined {
  requireLeader(team, byRid)
  requireMember(team, rid)
  if (rid === byRid) return undefined
  return { team: { ...team, leaderRid: rid }, reason: 'handedOver', rid }
}

/** The team ends. @throws HydraError `NOT_IN_TEAM`, `NOT_TEAM_LEADER`. */
export function disband(team: Team, byRid: string): TeamChange {
  requireLeader(team, byRid)
  return { ...ended(team, 'disbanded'), rid: byRid }
}

/** Members are gone without having left; `undefined` when nobody of the team is among them. */
export function lost(team: Team, rids: readonly string[]): TeamChange | undefined {
  const gone = rids.filter((rid) => isMember(team, rid))
  return gone.length === 0 ? undefined : without(team, gone, 'lost')
}

/** A member has another name or level; `undefined` when the team shows it as it is. */
export function shown(team: Team, { rid, name, level }: RoleSummary): TeamChange | undefined {
  const member = team.members.find((one) => one.rid === rid)
  if (member === undefined || (member.name === name && member.level === level)) return undefined
  const members = team.members.map((one) => (one.rid === rid ? { ...one, name, level } : one))
  return { team: { ...team, members }, reason: 'renamed', rid }
}

/** The team as it is, in a new version: so that all hear of it. */
export const renewed = (team: Team): TeamChange => ({ team, reason: 'requests' })

/** The team without the requests that have expired. */
export function withoutExpired(team: Team, nowMs: number): Team {
  const isOpen = ({ expiresAtMs }: { readonly expiresAtMs: number }) => expiresAtMs > nowMs
  const applications = team.applications.filter(isOpen)
  return { ...team, applications, invitations: team.invitations.filter(isOpen) }
}

/** Whether a role is in the team. */
export const isMember = (team: Team, rid: string): boolean => team.members.some((one) => one.rid === rid)

/** @throws HydraError `NOT_IN_TEAM`. */
export function requireMember(team: Team, rid: string): void {
  if (!isMember(team, rid)) throw notInTeam()
}

/** @throws HydraError `NOT_IN_TEAM`, `NOT_TEAM_LEADER`. */
export function requireLeader(team: Team, rid: string): void {
  requireMember(team, rid)
  if (team.leaderRid !== rid)
    throw new HydraError('NOT_TEAM_LEADER', 'Only the leader of the team may do this.')
}

/** The refusal of what only members may do. */
export const notInTeam = (): HydraError =>
  new HydraError('NOT_IN_TEAM', 'The role is not a member of the team.')

/** The refusal of whoever would be in two teams. */
export const alreadyInTeam = (rid: string): HydraError =>
  new HydraError('ALREADY_IN_TEAM', 'The role is a member of a team; it must leave that first.', {
    metadata: { rid },
  })

/** The refusal of what is about a team that has ended, or never was. */
export const teamNotFound = (): HydraError =>
  new HydraError('TEAM_NOT_FOUND', 'There is no such team, or not any more.')

function without(team: Team, rids: readonly string[], reason: TeamReason): TeamChange {
  const about = rids.length === 1 ? { rid: String(rids[0]) } : {}
  const members = team.members.filter(({ rid }) => !rids.includes(rid))
  const [longest] = members
  if (longest === undefined) return { ...ended(team, reason), ...about }
  const leaderRid = rids.includes(team.leaderRid) ? longest.rid : team.leaderRid
  return { team: { ...team, leaderRid, members }, reason, ...about }
}

/** Who waits for an answer of a team that ends gets one. */
function ended(team: Team, reason: TeamReason): TeamChange {
  const answers: TeamAnswer[] = [
    ...team.applications.map(({ rid }) => ({ to: rid, rid, answer: 'rejected' as const })),
    ...team.invitations.map(({ rid }) => ({ to: rid, rid, answer: 'withdrawn' as const })),
  ]
  return { team: { ...team, members: [], applications: [], invitations: [] }, reason, answers }
}
