import type { Alliance, AllianceMembership, AllianceRoster, ListedRequest } from '@hydra/persistence'
import {
  allianceRanks,
  type AllianceMember,
  type AllianceRequest,
  type AllianceView,
  type PresenceState,
} from '@hydra/protocol'
import { capacityOf, named } from './alliance.ts'

/** What everybody may know of an alliance. */
export function viewOf(
  alliance: Alliance,
  leader: Pick<AllianceMembership, 'rid' | 'name'>,
  capacities: readonly number[],
): AllianceView {
  const { allianceId, name, tag, level, description, policy, minLevel, memberCount, createdAtMs } = alliance
  return {
    allianceId,
    name,
    tag,
    level,
    description,
    policy,
    minLevel,
    // A level that was taken back leaves more members than there is room for.
    members: memberCount,
    capacity: capacityOf(level, capacities),
    leader: named(leader),
    createdAtMs,
  }
}

/** As {@link viewOf}, of an alliance whose members are at hand. */
export function viewOfRoster({ alliance, members }: AllianceRoster, capacities: readonly number[]) {
  const leader = members.find(({ rid }) => rid === alliance.leaderRid)
  return viewOf(alliance, leader ?? { rid: alliance.leaderRid, name: alliance.leaderRid }, capacities)
}

/** What members may know: the notice too. */
export const ownViewOf = (roster: AllianceRoster, capacities: readonly number[]) => ({
  ...viewOfRoster(roster, capacities),
  notice: roster.alliance.notice,
})

/** The leader first, then officers, each in the order of joining. `states` are those of the members, in any order. */
export function membersOf({ members }: AllianceRoster, states: readonly PresenceState[]): AllianceMember[] {
  const stateOf = new Map(states.map((state) => [state.rid, state]))
  return members.toSorted(inOrder).map(({ rid, name, level, rank, joinedAtMs }) => {
    const { online = false, lastSeenAtMs } = stateOf.get(rid) ?? {}
    const member = { rid, name, level, rank, joinedAtMs, online }
    return online || lastSeenAtMs === undefined ? member : Object.assign(member, { lastSeenAtMs })
  })
}

/** An application or an invitation as both sides see it. */
export function requestView({
  kind,
  allianceId,
  allianceName,
  role,
  atMs,
  by,
}: ListedRequest): AllianceRequest {
  const { rid, name, level } = role
  return { kind, allianceId, allianceName, rid, name, level, atMs, ...(by === undefined ? {} : { by }) }
}

const inOrder = (a: AllianceMembership, b: AllianceMembership): number =>
  allianceRanks.indexOf(a.rank) - allianceRanks.indexOf(b.rank) ||
  a.joinedAtMs - b.joinedAtMs ||
  (a.rid < b.rid ? -1 : 1)
