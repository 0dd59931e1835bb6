import type { AllianceChange, AllianceEventDraft, AllianceRole, AllianceState } from '@hydra/persistence'
import { HydraError } from '@hydra/protocol'
import { actorOf, capacityOf, named, requestNotFound, requestOf, type AllianceBounds } from './alliance.ts'

/**
 * A role applies: it joins at once if it was invited or the alliance is open. `openElsewhere` is how many applications
 * it has with other alliances.
 *
 * @throws HydraError `ALREADY_IN_ALLIANCE`, `ALLIANCE_FULL`, `ALLIANCE_CLOSED`, `ALLIANCE_LEVEL_TOO_LOW`,
 * `ALLIANCE_REQUESTS_FULL`.
 */
export function apply(
  state: AllianceState,
  role: AllianceRole,
  bounds: AllianceBounds,
  openElsewhere: number,
): AllianceChange | undefined {
  const { policy, minLevel } = state.alliance
  requireFree(state, role)
  if (requestOf(state, 'invitation', role.rid) !== undefined) {
    return join(state, role, bounds, { kind: 'accepted', actor: named(role) })
  }
  if (policy === 'closed') {
    throw new HydraError('ALLIANCE_CLOSED', 'This alliance takes nobody whom it has not invited.')
  }
  if (role.level < minLevel) {
    throw new HydraError(
      'ALLIANCE_LEVEL_TOO_LOW',
      `This alliance takes roles from level ${minLevel} on; ${role.name} has level ${role.level}.`,
      { metadata: { minLevel, level: role.level } },
    )
  }
  if (policy === 'open') return join(state, role, bounds, { kind: 'joined', actor: named(role) })
  if (requestOf(state, 'application', role.rid) !== undefined) return undefined
  if (openElsewhere >= bounds.applicationsPerRoleMax) {
    throw requestsFull(
      'A role may apply to so many alliances at once; take an application back first.',
      bounds.applicationsPerRoleMax,
    )
  }
  requireRoomForRequest(state, 'application', bounds)
  return {
    addRequest: { kind: 'application', rid: role.rid, role },
    log: { kind: 'applied', actor: named(role) },
  }
}

/** A role takes its application back. @throws HydraError `ALLIANCE_REQUEST_NOT_FOUND`. */
export function cancel(state: AllianceState, role: AllianceRole): AllianceChange {
  return endRequest(state, 'application', role.rid, { kind: 'cancelled', actor: named(role) })
}

/**
 * An applicant is let in.
 *
 * @throws HydraError `NOT_IN_ALLIANCE`, `ALLIANCE_RANK_TOO_LOW`, `ALREADY_IN_ALLIANCE`, `ALLIANCE_REQUEST_NOT_FOUND`,
 * `ALLIANCE_FULL`.
 */
export function approve(
  state: AllianceState,
  actorRid: string,
  role: AllianceRole,
  bounds: AllianceBounds,
): AllianceChange {
  const actor = actorOf(state, actorRid, 'approve')
  requireFree(state, role)
  if (requestOf(state, 'application', role.rid) === undefined) throw requestNotFound('application')
  return join(state, role, bounds, { kind: 'approved', actor: named(actor), target: named(role) })
}

/** An applicant is refused. @throws HydraError `NOT_IN_ALLIANCE`, `ALLIANCE_RANK_TOO_LOW`, `ALLIANCE_REQUEST_NOT_FOUND`. */
export function reject(state: AllianceState, actorRid: string, role: AllianceRole): AllianceChange {
  const actor = actorOf(state, actorRid, 'reject')
  return endRequest(state, 'application', role.rid, {
    kind: 'rejected',
    actor: named(actor),
    target: named(role),
  })
}

/**
 * A role is invited: one that has applied joins at once. Its level does not matter. `openElsewhere` is how many
 * invitations it has from other alliances.
 *
 * @throws HydraError `NOT_IN_ALLIANCE`, `ALLIANCE_RANK_TOO_LOW`, `ALREADY_IN_ALLIANCE`, `ALLIANCE_FULL`,
 * `ALLIANCE_REQUESTS_FULL`.
 */
export function invite(
  state: AllianceState,
  actorRid: string,
  role: AllianceRole,
  bounds: AllianceBounds,
  openElsewhere: number,
): AllianceChange | undefined {
  const actor = named(actorOf(state, actorRid, 'invite'))
  const target = named(role)
  requireFree(state, role)
  if (requestOf(state, 'application', role.rid) !== undefined) {
    return join(state, role, bounds, { kind: 'approved', actor, target })
  }
  if (requestOf(state, 'invitation', role.rid) !== undefined) return undefined
  if (openElsewhere >= bounds.invitationsPerRoleMax) {
    throw requestsFull(
      `${role.name} has as many invitations as a role may have, and must answer one first.`,
      bounds.invitationsPerRoleMax,
    )
  }
  requireRoomForRequest(state, 'invitation', bounds)
  return {
    addRequest: { kind: 'invitation', rid: role.rid, role, by: actor },
    log: { kind: 'invited', actor, target },
  }
}

/** An invitation is taken back. @throws HydraError `NOT_IN_ALLIANCE`, `ALLIANCE_RANK_TOO_LOW`, `ALLIANCE_REQUEST_NOT_FOUND`. */
export function uninvite(state: AllianceState, actorRid: string, role: AllianceRole): AllianceChange {
  const actor = actorOf(state, actorRid, 'uninvite')
  return endRequest(state, 'invitation', role.rid, {
    kind: 'uninvited',
    actor: named(actor),
    target: named(role),
  })
}

/**
 * A role accepts its invitation, whatever policy and minimum level are.
 *
 * @throws HydraError `ALREADY_IN_ALLIANCE`, `ALLIANCE_REQUEST_NOT_FOUND`, `ALLIANCE_FULL`.
 */
export function accept(state: AllianceState, role: AllianceRole, bounds: AllianceBounds): AllianceChange {
  requireFree(state, role)
  if (requestOf(state, 'invitation', role.rid) === undefined) throw requestNotFound('invitation')
  return join(state, role, bounds, { kind: 'accepted', actor: named(role) })
}

/** A role declines its invitation. @throws HydraError `ALLIANCE_REQUEST_NOT_FOUND`. */
export function decline(state: AllianceState, role: AllianceRole): AllianceChange {
  return endRequest(state, 'invitation', role.rid, { kind: 'declined', actor: named(role) })
}

function join(
  { alliance }: AllianceState,
  { rid, uid, name, level }: AllianceRole,
  { capacities }: AllianceBounds,
  log: AllianceEventDraft,
): AllianceChange {
  const capacity = capacityOf(alliance.level, capacities)
  if (alliance.memberCount >= capacity) {
    throw new HydraError(
      'ALLIANCE_FULL',
      `The alliance has ${alliance.memberCount} members; at level ${alliance.level} it may have ${capacity}.`,
      { metadata: { members: alliance.memberCount, capacity } },
    )
  }
  return { join: [{ rid, uid, name, level, rank: 'member' }], log }
}

function endRequest(
  state: AllianceState,
  kind: 'application' | 'invitation',
  rid: string,
  log: AllianceEventDraft,
): AllianceChange {
  if (requestOf(state, kind, rid) === undefined) throw requestNotFound(kind)
  return { endRequests: [{ kind, rid }], log }
}

function requireFree({ alliance, memberships }: AllianceState, { rid, name }: AllianceRole): void {
  const membership = memberships.get(rid)
  if (membership === undefined) return
  const where = membership.allianceId === alliance.allianceId ? 'this alliance' : 'another alliance'
  throw new HydraError('ALREADY_IN_ALLIANCE', `${name} is a member of ${where}.`)
}

function requireRoomForRequest(
  { requestCounts }: AllianceState,
  kind: 'application' | 'invitation',
  { requestsMax }: AllianceBounds,
): void {
  if (requestCounts[kind] < requestsMax) return
  throw requestsFull(`The alliance has as many open ${kind}s as it may have; try again later.`, requestsMax)
}

const requestsFull = (message: string, requestsMax: number) =>
  new HydraError('ALLIANCE_REQUESTS_FULL', message, { metadata: { requestsMax } })
