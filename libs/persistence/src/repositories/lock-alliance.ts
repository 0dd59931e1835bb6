import { sql } from 'kysely'
import type { DatabaseKind } from '../database/database.ts'
import type { AllianceRoleRow, AllianceRow, TablesDb } from '../database/tables.ts'

/**
 * Locks an alliance until the transaction ends; `undefined`: there is none. Whoever needs roles as well locks them
 * afterwards, so that two who need the same ones wait for each other in turn.
 */
export function lockAlliance(
  db: TablesDb,
  kind: DatabaseKind,
  allianceId: string,
): Promise<AllianceRow | undefined> {
  const query = db.selectFrom('alliances').selectAll().where('alliance_id', '=', allianceId)
  // Transactions of SQLite take turns as they are.
  return (kind === 'sqlite' ? query : query.forUpdate()).executeTakeFirst()
}

/**
 * Locks roles in order of their ids, after {@link lockAlliance}. A role that has never had to do with alliances gets
 * an empty row ({@link isBlank}), because what does not exist cannot be locked; whoever leaves it empty removes it.
 */
export async function lockRoles(
  db: TablesDb,
  kind: DatabaseKind,
  rids: readonly string[],
): Promise<ReadonlyMap<string, AllianceRoleRow>> {
  const sorted = [...new Set(rids)].toSorted()
  if (sorted.length === 0) return new Map()
  const insert = db.insertInto('alliance_roles').values(
    sorted.map((rid) => ({
      rid,
      uid: '',
      name: '',
      level: 0,
      alliance_id: null,
      rank: null,
      joined_at_ms: null,
    })),
  )
  // One statement makes and locks them in this order. Not "insert ignore": that takes a shared lock on a row that
  // another one has just made, and two who hold that cannot both go on.
  await (
    kind === 'mysql'
      ? insert.onDuplicateKeyUpdate({ rid: sql`values(${sql.ref('rid')})` })
      : insert.onConflict((conflict) => conflict.doNothing())
  ).execute()
  const rows = await db.selectFrom('alliance_roles').selectAll().where('rid', 'in', sorted).execute()
  return new Map(rows.map((row) => [row.rid, row]))
}

/** Whether a row stands for a role of which nothing is known. */
export const isBlank = (row: AllianceRoleRow): boolean => row.uid === ''

/** Removes rows that {@link lockRoles} made and nobody needs, so that ids of strangers do not pile up. */
export async function removeBlanks(db: TablesDb, rids: readonly string[]): Promise<void> {
  if (rids.length === 0) return
  await db.deleteFrom('alliance_roles').where('rid', 'in', rids).where('uid', '=', '').execute()
}
