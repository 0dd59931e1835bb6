import type { Clock } from '@hydra/runtime'
import type { Database } from '../database/database.ts'
import { sqlOf } from '../database/sql.ts'
import type { StorageObjectRow } from '../database/tables.ts'
import type { JsonObject } from '../role-snapshot.ts'
import { checkChanges, checkId, checkInteger, checkName, idText } from './check-storage-objects.ts'
import { isOneOf } from './is-one-of.ts'
import {
  storageObjectLimits as bounds,
  type StorageChange,
  type StorageObject,
  type StorageObjects,
} from './storage-objects.ts'
import { writeObjects, type Written } from './write-storage-objects.ts'

/** What storage objects need. */
export interface StorageObjectsDeps {
  readonly clock: Clock
  /** Most objects that a role may have; `storageObjectLimits.objectsPerRoleMax` when absent. */
  readonly objectsPerRoleMax?: number
}

/**
 * Storage objects in a database that has been migrated.
 *
 * @example const objects = createStorageObjects(database, { clock: systemClock })
 */
export function createStorageObjects(database: Database, deps: StorageObjectsDeps): StorageObjects {
  const sql = sqlOf(database)
  const { kind } = database
  const { clock, objectsPerRoleMax = bounds.objectsPerRoleMax } = deps

  const write = async (changes: readonly StorageChange[]): Promise<readonly Written[]> => {
    const checked = checkChanges(changes)
    if (checked.length === 0) return []
    const [change] = checked
    if (checked.length === 1 && change?.text !== undefined && typeof change.condition === 'number') {
      // The usual case: one statement instead of a transaction. If it finds nothing, the transaction says why.
      const before = change.condition
      const after = before + 1
      const { numUpdatedRows } = await sql.run((db) =>
        db
          .updateTable('storage_objects')
          .set({ version: after, data: change.text ?? '', updated_at_ms: clock.nowMs() })
          .where(isOneOf(checked))
          .where('version', '=', before)
          .executeTakeFirstOrThrow(),
      )
      if (numUpdatedRows > 0n) return [{ change, before, after }]
    }
    return sql.transact((db) => writeObjects(db, checked, { kind, objectsPerRoleMax, nowMs: clock.nowMs() }))
  }
  const getMany: StorageObjects['getMany'] = async (ids) => {
    checkInteger('ids', ids.length, 0, bounds.getMax)
    for (const id of ids) checkId(id)
    if (ids.length === 0) return []
    const rows = await sql.run((db) =>
      db.selectFrom('storage_objects').selectAll().where(isOneOf(ids)).execute(),
    )
    const found = new Map(rows.map(toObject).map((object) => [idText(object), object]))
    return ids.map((id) => found.get(idText(id)))
  }

  return {
    getMany,
    async get(rid, collection, key) {
      const [object] = await getMany([{ rid, collection, key }])
      return object
    },
    async list(rid, collection, { limit = bounds.pageMax, after } = {}) {
      checkName('rid', rid)
      checkName('collection', collection)
      checkInteger('limit', limit, 1, bounds.pageMax)
      if (after !== undefined) checkName('key', after)
      const rows = await sql.run((db) => {
        const query = db
          .selectFrom('storage_objects')
          .selectAll()
          .where('rid', '=', rid)
          .where('collection', '=', collection)
          .orderBy('object_key')
          // One more than asked for tells whether there is another page.
          .limit(limit + 1)
        return (after === undefined ? query : query.where('object_key', '>', after)).execute()
      })
      const objects = rows.slice(0, limit).map(toObject)
      const last = objects.at(-1)
      return rows.length > limit && last !== undefined ? { objects, next: last.key } : { objects }
    },
    async put(object, condition) {
      const { rid, collection, key, value } = object
      const [written] = await write([{ kind: 'put', rid, collection, key, value, condition }])
      return written?.after ?? 0
    },
    async delete(rid, collection, key, options = {}) {
      const [written] = await write([{ kind: 'delete', rid, collection, key, ...options }])
      return written !== undefined && written.before > 0
    },
    async batch(changes) {
      return (await write(changes)).map(({ after }) => after)
    },
  }
}

const toObject = (row: StorageObjectRow): StorageObject => ({
  rid: row.rid,
  collection: row.collection,
  key: row.object_key,
  value: JSON.parse(row.data) as JsonObject,
  version: row.version,
  updatedAtMs: row.updated_at_ms,
})
