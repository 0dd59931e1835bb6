import type { Expression, ExpressionBuilder, SqlBool } from 'kysely'
import type { Tables } from '../database/tables.ts'
import type { StorageObjectId } from './storage-objects.ts'

/**
 * Rows of `storage_objects` with one of these ids, found by the primary key. Not as a list of tuples: SQLite does not
 * take one.
 *
 * @param ids at least one
 */
export const isOneOf =
  (ids: readonly StorageObjectId[]) =>
  (expression: ExpressionBuilder<Tables, 'storage_objects'>): Expression<SqlBool> =>
    expression.or(ids.map(({ rid, collection, key }) => expression.and({ rid, collection, object_key: key })))
