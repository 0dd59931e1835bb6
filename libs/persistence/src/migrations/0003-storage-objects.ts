import { sql } from 'kysely'
import { tableEnd } from './0001-accounts-and-roles.ts'
import type { Migration } from './migration.ts'

/** Documents of roles, and for each role that has had any: how many, and the largest version that was deleted. */
export const storageObjects: Migration = {
  async up(db, kind) {
    const end = tableEnd(kind)
    const text = kind === 'mysql' ? sql`longtext` : 'text'
    await db.schema
      .createTable('storage_owners')
      .ifNotExists()
      .addColumn('rid', 'varchar(64)', (column) => column.primaryKey())
      .addColumn('objects', 'bigint', (column) => column.notNull())
      .addColumn('deleted_version', 'bigint', (column) => column.notNull())
      .modifyEnd(end)
      .execute()
    await db.schema
      .createTable('storage_objects')
      .ifNotExists()
      .addColumn('rid', 'varchar(64)', (column) => column.notNull())
      .addColumn('collection', 'varchar(64)', (column) => column.notNull())
      .addColumn('object_key', 'varchar(128)', (column) => column.notNull())
      .addColumn('version', 'bigint', (column) => column.notNull())
      .addColumn('data', text, (column) => column.notNull())
      .addColumn('updated_at_ms', 'bigint', (column) => column.notNull())
      .addPrimaryKeyConstraint('storage_objects_id', ['rid', 'collection', 'object_key'])
      .modifyEnd(end)
      .execute()
  },
  async down(db) {
    for (const table of ['storage_objects', 'storage_owners']) {
      await db.schema.dropTable(table).ifExists().execute()
    }
  },
}
