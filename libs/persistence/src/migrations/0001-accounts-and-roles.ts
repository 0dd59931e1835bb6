import { sql, type Kysely } from 'kysely'
import type { DatabaseKind } from '../database/database.ts'
import type { Migration } from './migration.ts'

const tables = ['role_names', 'roles', 'accounts'] as const

/** Longest name key: sixteen characters, of which NFKC can make eighteen each. */
export const nameKeyChars = 320

/** Accounts, roles, and the names of roles. */
export const accountsAndRoles: Migration = {
  async up(db, kind) {
    const end = tableEnd(kind)
    const text = kind === 'mysql' ? sql`longtext` : 'text'
    await db.schema
      .createTable('accounts')
      .ifNotExists()
      .addColumn('uid', 'varchar(64)', (column) => column.primaryKey())
      .addColumn('username', 'varchar(64)', (column) => column.notNull())
      .addColumn('username_key', 'varchar(64)', (column) => column.notNull())
      .addColumn('password_hash', 'varchar(512)', (column) => column.notNull())
      .addColumn('created_at_ms', 'bigint', (column) => column.notNull())
      .addColumn('banned_until_ms', 'bigint', (column) => column.notNull().defaultTo(0))
      .addUniqueConstraint('accounts_username_key', ['username_key'])
      .modifyEnd(end)
      .execute()
    await db.schema
      .createTable('roles')
      .ifNotExists()
      .addColumn('rid', 'varchar(64)', (column) => column.primaryKey())
      .addColumn('uid', 'varchar(64)', (column) => column.notNull())
      .addColumn('name', 'varchar(64)', (column) => column.notNull())
      .addColumn('level', 'integer', (column) => column.notNull())
      .addColumn('epoch', 'bigint', (column) => column.notNull())
      .addColumn('version', 'bigint', (column) => column.notNull())
      .addColumn('schema', 'integer', (column) => column.notNull())
      .addColumn('data', text, (column) => column.notNull())
      .addColumn('updated_at_ms', 'bigint', (column) => column.notNull())
      .modifyEnd(end)
      .execute()
    await db.schema
      .createTable('role_names')
      .ifNotExists()
      .addColumn('name_key', sql.raw(`varchar(${nameKeyChars})`), (column) => column.primaryKey())
      .addColumn('rid', 'varchar(64)', (column) => column.notNull())
      .modifyEnd(end)
      .execute()
    await createIndex(db, kind, 'roles_uid', 'roles', 'uid')
    await createIndex(db, kind, 'role_names_rid', 'role_names', 'rid')
  },
  async down(db) {
    for (const table of tables) await db.schema.dropTable(table).ifExists().execute()
  },
}

/** Bytes compare as bytes: ids and keys are equal only when they are the same. */
export const tableEnd = (kind: DatabaseKind) =>
  kind === 'mysql' ? sql`engine = innodb default charset = utf8mb4 collate = utf8mb4_bin` : sql``

/** MySQL ends a transaction with each DDL statement and has no "if not exists" here: this lets a half-run step run again. */
export async function createIndex(
  db: Kysely<unknown>,
  kind: DatabaseKind,
  name: string,
  table: string,
  ...columns: readonly string[]
): Promise<void> {
  if (kind === 'mysql') {
    const found = await sql`select 1 from information_schema.statistics
      where table_schema = database() and table_name = ${table} and index_name = ${name} limit 1`.execute(db)
    if (found.rows.length > 0) return
  }
  const index = db.schema
    .createIndex(name)
    .on(table)
    .columns([...columns])
  await (kind === 'mysql' ? index : index.ifNotExists()).execute()
}
