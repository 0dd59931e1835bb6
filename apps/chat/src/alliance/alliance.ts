import type { AllianceMembership, AllianceRole, AllianceState, StoredRequest } from '@hydra/persistence'
import { HydraError, type AllianceRank } from '@hydra/protocol'

/** What members may do by their rank. Everybody may read, speak and, the leader excepted, leave. */
export type AllianceAction =
  | 'seeApplications'
  | 'approve'
  | 'reject'
  | 'invite'
  | 'uninvite'
  | 'kick'
  | 'deleteMessage'
  | 'promote'
  | 'demote'
  | 'update'
  | 'handOver'
  | 'disband'

/** Kicking takes a lower rank besides. */
const officers: readonly AllianceAction[] = [
  ...(['seeApplications', 'approve', 'reject', 'invite', 'uninvite'] as const),
  ...(['kick', 'deleteMessage'] as const),
]

/** The one table of permissions. */
const permissions: Readonly<Record<AllianceRank, ReadonlySet<AllianceAction>>> = {
  leader: new Set([...officers, 'promote', 'demote', 'update', 'handOver', 'disband']),
  officer: new Set(officers),
  member: new Set(),
}

/** From the lowest rank on. */
const heights: Readonly<Record<AllianceRank, number>> = { member: 0, officer: 1, leader: 2 }

/** Whether a rank allows an action. */
export const mayDo = (rank: AllianceRank, action: AllianceAction): boolean => permissions[rank].has(action)

/** Whether members of a rank may delete what others have said in the channel of the alliance. */
export const mayDeleteMessages = (rank: AllianceRank): boolean => mayDo(rank, 'deleteMessage')

/** How many members an alliance of a level may have: levels beyond the list have as many as its last one. */
export function capacityOf(level: number, capacities: readonly number[]): number {
  return capacities[Math.min(level, capacities.length) - 1] ?? 1
}

/** Bounds that decisions keep to, as configured. */
export interface AllianceBounds {
  readonly capacities: readonly number[]
  readonly requestsMax: number
  readonly applicationsPerRoleMax: number
  readonly invitationsPerRoleMax: number
}

/** How a role is named in the log. */
export const named = ({ rid, name }: Pick<AllianceRole, 'rid' | 'name'>) => ({ rid, name })

/** The membership of a role in the alliance that is being decided upon. */
export function memberHere(
  { alliance, memberships }: AllianceState,
  rid: string,
): AllianceMembership | undefined {
  const membership = memberships.get(rid)
  return membership?.allianceId === alliance.allianceId ? membership : undefined
}

/** An open request between the alliance and a role. */
export function requestOf(
  { requests }: AllianceState,
  kind: StoredRequest['kind'],
  rid: string,
): StoredRequest | undefined {
  return requests.find((request) => request.kind === kind && request.rid === rid)
}

/** The member who asks for an action. @throws HydraError `NOT_IN_ALLIANCE`, `ALLIANCE_RANK_TOO_LOW`. */
export function actorOf(state: AllianceState, rid: string, action: AllianceAction): AllianceMembership {
  const actor = memberHere(state, rid)
  if (actor === undefined) throw notInAlliance('This role is not a member of the alliance any more.')
  requirePermission(actor.rank, action)
  return actor
}

/** @throws HydraError `ALLIANCE_RANK_TOO_LOW`. */
export function requirePermission(rank: AllianceRank, action: AllianceAction): void {
  if (mayDo(rank, action)) return
  const allowed = (['officer', 'leader'] as const).filter((other) => mayDo(other, action))
  throw new HydraError(
    'ALLIANCE_RANK_TOO_LOW',
    `Rank ${rank} of the alliance does not allow this; ask ${allowed.length > 1 ? 'an officer or the leader' : 'the leader'}.`,
    { metadata: { rank, action } },
  )
}

/**
 * The member whom somebody acts upon, who must have a lower rank.
 *
 * @throws HydraError `NOT_IN_ALLIANCE`, `ALLIANCE_RANK_TOO_LOW`.
 */
export function lowerMember(
  state: AllianceState,
  actor: AllianceMembership,
  rid: string,
): AllianceMembership {
  const target = memberHere(state, rid)
  if (target === undefined) throw notInAlliance('That role is not a member of the alliance.')
  if (heights[target.rank] < heights[actor.rank]) return target
  throw new HydraError(
    'ALLIANCE_RANK_TOO_LOW',
    actor.rid === target.rid
      ? 'Nobody does this to themselves; to go, leave or hand the alliance over.'
      : `Only somebody above the rank of ${target.rank} may do this to ${target.name}.`,
    { metadata: { rank: actor.rank, targetRank: target.rank } },
  )
}

/** `NOT_IN_ALLIANCE` with its sentence. */
export const notInAlliance = (message = 'This role is not a member of an alliance; apply to one first.') =>
  new HydraError('NOT_IN_ALLIANCE', message)

/** `ALLIANCE_NOT_FOUND` for an id. */
export const allianceNotFound = (allianceId: string) =>
  new HydraError('ALLIANCE_NOT_FOUND', 'There is no such alliance; it may have been disbanded.', {
    metadata: { allianceId },
  })

/** `ALLIANCE_REQUEST_NOT_FOUND` for a kind of requests. */
export const requestNotFound = (kind: StoredRequest['kind']) =>
  new HydraError(
    'ALLIANCE_REQUEST_NOT_FOUND',
    `There is no such ${kind}; it may have been taken back or answered, or the role has joined an alliance.`,
    { metadata: { kind } },
  )
