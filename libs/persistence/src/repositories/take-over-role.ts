import { HydraError } from '@hydra/protocol'
import type { DatabaseKind } from '../database/database.ts'
import { unknownOwner, type TablesDb } from '../database/tables.ts'
import { decodeData } from '../encode-snapshot.ts'
import { isNewer, type RoleSnapshot } from '../role-snapshot.ts'
import { roleElsewhere } from '../role-elsewhere.ts'
import type { RoleClaim } from './roles.ts'
import { saveRoles } from './save-roles.ts'

/** Most roles in one statement of {@link disownRoles}. */
const disownMax = 500

/** See `Roles.takeOver`; to be run in a transaction. */
export async function takeOverRole(
  db: TablesDb,
  kind: DatabaseKind,
  rid: string,
  claim: RoleClaim,
  journalled: RoleSnapshot | undefined,
  nowMs: number,
): Promise<RoleSnapshot | undefined> {
  const row = await lockRow(db, kind, rid)
  refuseLiveOwner(rid, row?.owner, claim)
  if (row !== undefined && isTaken(row, claim)) throw roleElsewhere(rid, row.owner)
  if (journalled !== undefined && (row === undefined || isNewer(journalled, row.snapshot))) {
    if (journalled.epoch > claim.epoch) throw roleElsewhere(rid, row?.owner)
    await saveRoles(db, kind, [journalled], nowMs)
    return own(db, journalled, claim)
  }
  if (row === undefined) return undefined
  return own(db, row.snapshot, claim)
}

/** See `Roles.takeOverSaved`; to be run in a transaction. */
export async function takeOverSavedRole(
  db: TablesDb,
  kind: DatabaseKind,
  rid: string,
  claim: RoleClaim,
): Promise<RoleSnapshot | undefined> {
  const row = await lockRow(db, kind, rid)
  if (row === undefined) return undefined
  refuseLiveOwner(rid, row.owner, claim)
  // Not even by the server that owns it: what that has in the journal would be fenced off.
  if (row.owner !== null) {
    throw new HydraError(
      'STORAGE_UNAVAILABLE',
      `Role ${rid} was not given up; its journal, which may have changes of it, cannot be read now.`,
      { metadata: { rid } },
    )
  }
  return own(db, row.snapshot, { ...claim, epoch: Math.max(claim.epoch, row.snapshot.epoch + 1) })
}

/** See `Roles.disown`. */
export async function disownRoles(
  db: TablesDb,
  owner: string,
  roles: readonly Pick<RoleSnapshot, 'rid' | 'epoch'>[],
): Promise<void> {
  for (let from = 0; from < roles.length; from += disownMax) {
    const some = roles.slice(from, from + disownMax)
    await db
      .updateTable('roles')
      .set({ owner: null })
      .where('owner', '=', owner)
      .where((where) =>
        where.or(
          some.map(({ rid, epoch }) => where.and([where('rid', '=', rid), where('epoch', '<=', epoch)])),
        ),
      )
      .execute()
  }
}

interface LockedRow {
  readonly owner: string | null
  readonly snapshot: RoleSnapshot
}

async function lockRow(db: TablesDb, kind: DatabaseKind, rid: string): Promise<LockedRow | undefined> {
  const query = db.selectFrom('roles').selectAll().where('rid', '=', rid)
  // Transactions of SQLite take turns as they are.
  const row = await (kind === 'sqlite' ? query : query.forUpdate()).executeTakeFirst()
  if (row === undefined) return undefined
  const { owner, data, updated_at_ms: _, ...columns } = row
  return { owner, snapshot: { ...columns, data: decodeData(data) } }
}

/**
 * Whether somebody has taken a role since the claim's epoch was given out. A server that took it by its row has chosen an
 * epoch that the journal may have given to another one.
 */
const isTaken = ({ owner, snapshot: { epoch } }: LockedRow, claim: RoleClaim): boolean =>
  epoch > claim.epoch || (epoch === claim.epoch && owner !== claim.owner)

function refuseLiveOwner(rid: string, owner: string | null | undefined, claim: RoleClaim): void {
  if (owner === null || owner === undefined || owner === claim.owner) return
  if (owner === unknownOwner || claim.isGone(owner)) return
  throw roleElsewhere(rid, owner)
}

async function own(db: TablesDb, found: RoleSnapshot, { owner, epoch }: RoleClaim): Promise<RoleSnapshot> {
  await db.updateTable('roles').set({ owner, epoch }).where('rid', '=', found.rid).execute()
  return { ...found, epoch }
}
