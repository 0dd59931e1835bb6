import type { AllianceChange, AllianceState } from '@hydra/persistence'
import { HydraError } from '@hydra/protocol'
import { actorOf, lowerMember, memberHere, named, notInAlliance } from './alliance.ts'

/** A member goes. @throws HydraError `NOT_IN_ALLIANCE`, `ALLIANCE_LEADER_STAYS`. */
export function leave(state: AllianceState, rid: string): AllianceChange {
  const member = memberHere(state, rid)
  if (member === undefined) throw notInAlliance('This role is not a member of the alliance any more.')
  if (member.rank === 'leader') {
    throw new HydraError(
      'ALLIANCE_LEADER_STAYS',
      'A leader cannot leave: hand the alliance over to another member, or disband it.',
    )
  }
  return { leave: [rid], log: { kind: 'left', actor: named(member) } }
}

/** A member of a lower rank is put out. @throws HydraError `NOT_IN_ALLIANCE`, `ALLIANCE_RANK_TOO_LOW`. */
export function kick(state: AllianceState, actorRid: string, rid: string): AllianceChange {
  const actor = actorOf(state, actorRid, 'kick')
  const target = lowerMember(state, actor, rid)
  return { leave: [rid], log: { kind: 'kicked', actor: named(actor), target: named(target) } }
}

/** A member becomes an officer; an officer stays one. @throws HydraError `NOT_IN_ALLIANCE`, `ALLIANCE_RANK_TOO_LOW`. */
export function promote(state: AllianceState, actorRid: string, rid: string): AllianceChange | undefined {
  const actor = actorOf(state, actorRid, 'promote')
  const target = lowerMember(state, actor, rid)
  if (target.rank === 'officer') return undefined
  return {
    ranks: [{ rid, rank: 'officer' }],
    log: { kind: 'promoted', actor: named(actor), target: named(target), detail: { rank: 'officer' } },
  }
}

/** An officer becomes a member; a member stays one. @throws HydraError `NOT_IN_ALLIANCE`, `ALLIANCE_RANK_TOO_LOW`. */
export function demote(state: AllianceState, actorRid: string, rid: string): AllianceChange | undefined {
  const actor = actorOf(state, actorRid, 'demote')
  const target = lowerMember(state, actor, rid)
  if (target.rank === 'member') return undefined
  return {
    ranks: [{ rid, rank: 'member' }],
    log: { kind: 'demoted', actor: named(actor), target: named(target), detail: { rank: 'member' } },
  }
}

/**
 * Another member becomes the leader, the leader an officer. To the leader itself nothing happens.
 *
 * @throws HydraError `NOT_IN_ALLIANCE`, `ALLIANCE_RANK_TOO_LOW`.
 */
export function handOver(state: AllianceState, actorRid: string, rid: string): AllianceChange | undefined {
  const actor = actorOf(state, actorRid, 'handOver')
  if (actor.rid === rid) return undefined
  const target = lowerMember(state, actor, rid)
  return {
    set: { leaderRid: rid },
    ranks: [
      { rid: actor.rid, rank: 'officer' },
      { rid, rank: 'leader' },
    ],
    log: { kind: 'handedOver', actor: named(actor), target: named(target) },
  }
}

/** The alliance ends. @throws HydraError `NOT_IN_ALLIANCE`, `ALLIANCE_RANK_TOO_LOW`. */
export function disband(state: AllianceState, actorRid: string): AllianceChange {
  const actor = actorOf(state, actorRid, 'disband')
  return { disband: true, log: { kind: 'disbanded', actor: named(actor) } }
}
