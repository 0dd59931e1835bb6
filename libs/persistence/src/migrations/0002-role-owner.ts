import type { Migration } from './migration.ts'

/** Which game server may hold changes of a role that its row does not have yet; null: the row is all there is. */
export const roleOwner: Migration = {
  async up(db) {
    // MySQL ends a transaction with each DDL statement: a step that was cut off must be able to run again.
    const tables = await db.introspection.getTables()
    const roles = tables.find(({ name }) => name === 'roles')
    if (roles?.columns.some(({ name }) => name === 'owner') === true) return
    await db.schema.alterTable('roles').addColumn('owner', 'varchar(64)').execute()
  },
  async down(db) {
    await db.schema.alterTable('roles').dropColumn('owner').execute()
  },
}
