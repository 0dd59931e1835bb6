import { allianceRanks, type AllianceEvent } from '@hydra/protocol'
import type {
  AllianceLogRow,
  AllianceRequestRow,
  AllianceRoleRow,
  AllianceRow,
  TablesDb,
} from '../database/tables.ts'
import type { Alliance, AllianceMembership, StoredRequest } from './alliances.ts'

/** An alliance as its row has it. */
export const toAlliance = (row: AllianceRow): Alliance => ({
  allianceId: row.alliance_id,
  name: row.name,
  tag: row.tag,
  level: row.level,
  notice: row.notice,
  description: row.description,
  policy: row.policy,
  minLevel: row.min_level,
  leaderRid: row.leader_rid,
  memberCount: row.member_count,
  createdAtMs: row.created_at_ms,
  version: row.version,
})

/** The membership of a role; `undefined`: it is in no alliance. */
export function toMembership(row: AllianceRoleRow): AllianceMembership | undefined {
  const { rid, uid, name, level, alliance_id: allianceId, rank, joined_at_ms: joinedAtMs } = row
  if (allianceId === null || rank === null || joinedAtMs === null) return undefined
  return { rid, uid, name, level, allianceId, rank, joinedAtMs }
}

/** A request as its row has it. */
export function toRequest(row: AllianceRequestRow): StoredRequest {
  const { kind, alliance_id: allianceId, rid, at_ms: atMs, by_rid, by_name } = row
  const request = { kind, allianceId, rid, atMs }
  return by_rid === null || by_name === null ? request : { ...request, by: { rid: by_rid, name: by_name } }
}

/** An entry of the log as its row has it. */
export function toEvent(row: AllianceLogRow): AllianceEvent {
  const { seq, at_ms: atMs, kind, actor_rid, actor_name, target_rid, target_name, detail } = row
  return {
    seq,
    atMs,
    kind,
    ...(actor_rid === null || actor_name === null ? {} : { actor: { rid: actor_rid, name: actor_name } }),
    ...(target_rid === null || target_name === null
      ? {}
      : { target: { rid: target_rid, name: target_name } }),
    ...(detail === null ? {} : { detail: JSON.parse(detail) as NonNullable<AllianceEvent['detail']> }),
  }
}

/** The row of an entry of the log. */
export const toLogRow = (allianceId: string, event: AllianceEvent): AllianceLogRow => ({
  alliance_id: allianceId,
  seq: event.seq,
  at_ms: event.atMs,
  kind: event.kind,
  actor_rid: event.actor?.rid ?? null,
  actor_name: event.actor?.name ?? null,
  target_rid: event.target?.rid ?? null,
  target_name: event.target?.name ?? null,
  detail: event.detail === undefined ? null : JSON.stringify(event.detail),
})

/** Members out of their rows: the leader first, then officers, each in order of joining. */
export const toMembers = (rows: readonly AllianceRoleRow[]): readonly AllianceMembership[] =>
  rows.flatMap((row) => toMembership(row) ?? []).toSorted(compareMembers)

function compareMembers(a: AllianceMembership, b: AllianceMembership): number {
  const byRank = allianceRanks.indexOf(a.rank) - allianceRanks.indexOf(b.rank)
  if (byRank !== 0) return byRank
  if (a.joinedAtMs !== b.joinedAtMs) return a.joinedAtMs - b.joinedAtMs
  return a.rid < b.rid ? -1 : 1
}

/** All members. Exact while the alliance is locked: nobody joins or leaves without its lock. */
export async function readMembers(db: TablesDb, allianceId: string): Promise<readonly AllianceMembership[]> {
  return toMembers(
    await db.selectFrom('alliance_roles').selectAll().where('alliance_id', '=', allianceId).execute(),
  )
}
