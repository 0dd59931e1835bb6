import { sql } from 'kysely'
import { createIndex, tableEnd } from './0001-accounts-and-roles.ts'
import type { Migration } from './migration.ts'

const tables = [
  'alliance_foundings',
  'alliance_log',
  'alliance_requests',
  'alliance_roles',
  'alliances',
] as const

/** Longest keys: names of twenty and tags of five characters, of which NFKC can make eighteen each. */
const allianceNameKeyChars = 400
const allianceTagKeyChars = 128

/** Alliances, the roles that have to do with them, requests, logs, and under which ids foundings were decided. */
export const alliances: Migration = {
  async up(db, kind) {
    const end = tableEnd(kind)
    const text = kind === 'mysql' ? sql`longtext` : 'text'
    await db.schema
      .createTable('alliances')
      .ifNotExists()
      .addColumn('alliance_id', 'varchar(64)', (column) => column.primaryKey())
      .addColumn('name', 'varchar(64)', (column) => column.notNull())
      .addColumn('name_key', sql.raw(`varchar(${allianceNameKeyChars})`), (column) => column.notNull())
      .addColumn('tag', 'varchar(64)', (column) => column.notNull())
      .addColumn('tag_key', sql.raw(`varchar(${allianceTagKeyChars})`), (column) => column.notNull())
      .addColumn('level', 'integer', (column) => column.notNull())
      .addColumn('notice', text, (column) => column.notNull())
      .addColumn('description', text, (column) => column.notNull())
      .addColumn('policy', 'varchar(16)', (column) => column.notNull())
      .addColumn('min_level', 'integer', (column) => column.notNull())
      .addColumn('leader_rid', 'varchar(64)', (column) => column.notNull())
      .addColumn('member_count', 'integer', (column) => column.notNull())
      .addColumn('log_seq', 'bigint', (column) => column.notNull())
      .addColumn('version', 'bigint', (column) => column.notNull())
      .addColumn('created_at_ms', 'bigint', (column) => column.notNull())
      .addUniqueConstraint('alliances_name_key', ['name_key'])
      .addUniqueConstraint('alliances_tag_key', ['tag_key'])
      .modifyEnd(end)
      .execute()
    await db.schema
      .createTable('alliance_roles')
      .ifNotExists()
      .addColumn('rid', 'varchar(64)', (column) => column.primaryKey())
      .addColumn('uid', 'varchar(64)', (column) => column.notNull())
      .addColumn('name', 'varchar(64)', (column) => column.notNull())
      .addColumn('level', 'integer', (column) => column.notNull())
      .addColumn('alliance_id', 'varchar(64)')
      .addColumn('rank', 'varchar(16)')
      .addColumn('joined_at_ms', 'bigint')
      .modifyEnd(end)
      .execute()
    await db.schema
      .createTable('alliance_requests')
      .ifNotExists()
      .addColumn('alliance_id', 'varchar(64)', (column) => column.notNull())
      .addColumn('rid', 'varchar(64)', (column) => column.notNull())
      .addColumn('kind', 'varchar(16)', (column) => column.notNull())
      .addColumn('at_ms', 'bigint', (column) => column.notNull())
      .addColumn('by_rid', 'varchar(64)')
      .addColumn('by_name', 'varchar(64)')
      .addPrimaryKeyConstraint('alliance_requests_id', ['alliance_id', 'rid', 'kind'])
      .modifyEnd(end)
      .execute()
    await db.schema
      .createTable('alliance_log')
      .ifNotExists()
      .addColumn('alliance_id', 'varchar(64)', (column) => column.notNull())
      .addColumn('seq', 'bigint', (column) => column.notNull())
      .addColumn('at_ms', 'bigint', (column) => column.notNull())
      .addColumn('kind', 'varchar(16)', (column) => column.notNull())
      .addColumn('actor_rid', 'varchar(64)')
      .addColumn('actor_name', 'varchar(64)')
      .addColumn('target_rid', 'varchar(64)')
      .addColumn('target_name', 'varchar(64)')
      .addColumn('detail', text)
      .addPrimaryKeyConstraint('alliance_log_id', ['alliance_id', 'seq'])
      .modifyEnd(end)
      .execute()
    await db.schema
      .createTable('alliance_foundings')
      .ifNotExists()
      .addColumn('alliance_id', 'varchar(64)', (column) => column.primaryKey())
      .addColumn('founded', 'integer')
      .addColumn('at_ms', 'bigint', (column) => column.notNull())
      .modifyEnd(end)
      .execute()
    await createIndex(db, kind, 'alliance_roles_alliance', 'alliance_roles', 'alliance_id')
    await createIndex(db, kind, 'alliance_requests_rid', 'alliance_requests', 'rid')
    await createIndex(db, kind, 'alliance_foundings_at', 'alliance_foundings', 'at_ms')
  },
  async down(db) {
    for (const table of tables) await db.schema.dropTable(table).ifExists().execute()
  },
}
