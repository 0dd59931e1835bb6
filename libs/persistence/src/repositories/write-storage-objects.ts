import { HydraError } from '@hydra/protocol'
import { sql } from 'kysely'
import type { DatabaseKind } from '../database/database.ts'
import type { StorageObjectRow, StorageOwnerRow, TablesDb } from '../database/tables.ts'
import { idText, type CheckedChange } from './check-storage-objects.ts'
import { isOneOf } from './is-one-of.ts'
import type { PutCondition, StorageObjectId } from './storage-objects.ts'

/** A change that was made, with the versions of its object around it; 0: there is none. */
export interface Written {
  readonly change: CheckedChange
  readonly before: number
  readonly after: number
}

/** What {@link writeObjects} goes by besides the changes. */
export interface WriteOptions {
  readonly kind: DatabaseKind
  readonly nowMs: number
  readonly objectsPerRoleMax: number
}

/**
 * Makes changes inside a transaction. Whoever creates or deletes objects of a role holds its row in `storage_owners`,
 * so that count and versions are exact; all lock roles first and then objects, both in order of their keys.
 *
 * @throws HydraError `VERSION_CONFLICT`, `STORAGE_LIMIT_REACHED`; the transaction must be rolled back then.
 */
export async function writeObjects(
  db: TablesDb,
  changes: readonly CheckedChange[],
  { kind, nowMs, objectsPerRoleMax }: WriteOptions,
): Promise<readonly Written[]> {
  const owners = await lockOwners(db, kind, changes)
  const versions = await lockVersions(db, kind, changes)
  const plan = planWrites(changes, owners, versions)
  for (const { rid, objects } of plan.owners) {
    // What leaves fewer objects than before is welcome, even if the limit was lowered below both.
    const grows = objects > (owners.get(rid)?.objects ?? 0)
    if (grows && objects > objectsPerRoleMax) throw limitReached(rid, objectsPerRoleMax)
  }
  if (plan.deletes.length > 0) {
    await db.deleteFrom('storage_objects').where(isOneOf(plan.deletes)).execute()
  }
  if (plan.puts.length > 0) {
    await upsert(
      db,
      kind,
      plan.puts.map((put) => toRow(put, nowMs)),
    )
  }
  for (const { rid, objects, deleted_version } of plan.owners) {
    await db.updateTable('storage_owners').set({ objects, deleted_version }).where('rid', '=', rid).execute()
  }
  return plan.written
}

interface Plan {
  readonly written: readonly Written[]
  readonly puts: readonly Written[]
  readonly deletes: readonly StorageObjectId[]
  /** Those that differ afterwards, as they are then. */
  readonly owners: readonly StorageOwnerRow[]
}

function planWrites(
  changes: readonly CheckedChange[],
  owners: ReadonlyMap<string, StorageOwnerRow>,
  versions: ReadonlyMap<string, number>,
): Plan {
  const changedOwners = new Map<string, StorageOwnerRow>()
  const written = changes.map((change): Written => {
    const { rid, text } = change
    const owner = changedOwners.get(rid) ?? owners.get(rid)
    // Without a row, and so without a lock, a role had no object; what it was given since then comes after this write.
    const before = owner === undefined ? 0 : (versions.get(idText(change)) ?? 0)
    if (!holds(change.condition, before)) throw versionConflict(change, before)
    if (owner === undefined) return { change, before, after: 0 }
    const { objects, deleted_version } = owner
    if (text !== undefined && before > 0) return { change, before, after: before + 1 }
    if (text !== undefined) {
      changedOwners.set(rid, { rid, objects: objects + 1, deleted_version })
      return { change, before, after: deleted_version + 1 }
    }
    if (before > 0) {
      const deletedVersion = Math.max(deleted_version, before)
      changedOwners.set(rid, { rid, objects: objects - 1, deleted_version: deletedVersion })
    }
    return { change, before, after: 0 }
  })
  return {
    written,
    puts: written.filter(({ after }) => after > 0),
    deletes: written.filter(({ before, after }) => before > 0 && after === 0).map(({ change }) => change),
    owners: [...changedOwners.values()],
  }
}

/** Locks what the changes have in common, and first makes it for roles that have never had an object. */
async function lockOwners(
  db: TablesDb,
  kind: DatabaseKind,
  changes: readonly CheckedChange[],
): Promise<ReadonlyMap<string, StorageOwnerRow>> {
  const rids = [...new Set(changes.map(({ rid }) => rid))].toSorted()
  const lock = async () => {
    const query = db.selectFrom('storage_owners').selectAll().where('rid', 'in', rids).orderBy('rid')
    const rows = await (kind === 'sqlite' ? query : query.forUpdate()).execute()
    return new Map(rows.map((row) => [row.rid, row]))
  }
  const found = await lock()
  const putting = new Set(changes.filter(({ text }) => text !== undefined).map(({ rid }) => rid))
  const missing = rids.filter((rid) => putting.has(rid) && !found.has(rid))
  if (missing.length === 0) return found
  const insert = db
    .insertInto('storage_owners')
    .values(missing.map((rid) => ({ rid, objects: 0, deleted_version: 0 })))
  // Not "insert ignore": that takes a shared lock on a row that another one has just made, and two who hold that
  // cannot both go on.
  await (
    kind === 'mysql'
      ? insert.onDuplicateKeyUpdate({ rid: sql`values(${sql.ref('rid')})` })
      : insert.onConflict((conflict) => conflict.doNothing())
  ).execute()
  return lock()
}

/** The current versions. Locked, because a put at a known version changes an object without holding its role. */
async function lockVersions(
  db: TablesDb,
  kind: DatabaseKind,
  changes: readonly CheckedChange[],
): Promise<ReadonlyMap<string, number>> {
  const query = db
    .selectFrom('storage_objects')
    .select(['rid', 'collection', 'object_key as key', 'version'])
    .where(isOneOf(changes))
    .orderBy('rid')
    .orderBy('collection')
    .orderBy('object_key')
  const rows = await (kind === 'sqlite' ? query : query.forUpdate()).execute()
  return new Map(rows.map((row) => [idText(row), row.version]))
}

const contentColumns = ['version', 'data', 'updated_at_ms'] as const

async function upsert(db: TablesDb, kind: DatabaseKind, rows: readonly StorageObjectRow[]): Promise<void> {
  const insert = db.insertInto('storage_objects').values(rows)
  const set = (value: (column: string) => ReturnType<typeof sql>) =>
    Object.fromEntries(contentColumns.map((column) => [column, value(column)]))
  await (
    kind === 'mysql'
      ? insert.onDuplicateKeyUpdate(set((column) => sql`values(${sql.ref(column)})`))
      : insert.onConflict((conflict) =>
          conflict
            .columns(['rid', 'collection', 'object_key'])
            .doUpdateSet(set((column) => sql`${sql.ref(`excluded.${column}`)}`)),
        )
  ).execute()
}

const holds = (condition: PutCondition, version: number): boolean =>
  condition === 'any' || version === (condition === 'absent' ? 0 : condition)

const toRow = ({ change, after }: Written, nowMs: number): StorageObjectRow => ({
  rid: change.rid,
  collection: change.collection,
  object_key: change.key,
  version: after,
  data: change.text ?? '',
  updated_at_ms: nowMs,
})

const versionConflict = (id: StorageObjectId, version: number): HydraError => {
  const { rid, collection, key } = id
  const state = version === 0 ? 'does not exist' : `is at version ${version}`
  return new HydraError(
    'VERSION_CONFLICT',
    `Object ${idText(id)} ${state}, which is not what this write expects; read it again and decide anew.`,
    { metadata: { rid, collection, key, version } },
  )
}

const limitReached = (rid: string, objectsMax: number): HydraError =>
  new HydraError(
    'STORAGE_LIMIT_REACHED',
    `Role ${rid} may have ${objectsMax} storage objects; delete some first.`,
    { metadata: { rid, objectsMax } },
  )
