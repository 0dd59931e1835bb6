import type { DatabaseKind } from '../database/database.ts'
import type { TablesDb } from '../database/tables.ts'
import { toMembership } from './alliance-rows.ts'
import type { AllianceMembership, AllianceRole } from './alliances.ts'
import { lockAlliance } from './lock-alliance.ts'

/** The role is not in the alliance any more that it was found in. */
const moved = Symbol('moved')

/** Whether {@link updateAllianceRole} changed nothing, because the role has come to be in another alliance. */
export const isMoved = (answer: unknown): answer is typeof moved => answer === moved

/**
 * See `Alliances.updateRole`; to be run in a transaction. Locks the role's alliance first, as everybody does, and
 * raises its version: a roster that was read before must not pass for the latest one.
 *
 * @param allianceId where the role was found; `null`: in no alliance
 */
export async function updateAllianceRole(
  db: TablesDb,
  kind: DatabaseKind,
  { rid, uid, name, level }: AllianceRole,
  allianceId: string | null,
): Promise<AllianceMembership | undefined | typeof moved> {
  const alliance = allianceId === null ? undefined : await lockAlliance(db, kind, allianceId)
  const query = db.selectFrom('alliance_roles').selectAll().where('rid', '=', rid)
  const row = await (kind === 'sqlite' ? query : query.forUpdate()).executeTakeFirst()
  if (row === undefined) return undefined
  if (row.alliance_id !== allianceId) return moved
  await db.updateTable('alliance_roles').set({ uid, name, level }).where('rid', '=', rid).execute()
  if (alliance !== undefined) {
    await db
      .updateTable('alliances')
      .set({ version: alliance.version + 1 })
      .where('alliance_id', '=', alliance.alliance_id)
      .execute()
  }
  return toMembership({ ...row, uid, name, level })
}
