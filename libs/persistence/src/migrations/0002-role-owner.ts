import { unknownOwner } from '../database/tables.ts'
import { createIndex } from './0001-accounts-and-roles.ts'
import type { Migration } from './migration.ts'

/**
 * Which game server may hold changes of a role that its row does not have yet; null: the row is all there is. Of rows
 * from before that is not known: only the journal can tell, when the role is next taken.
 */
export const roleOwner: Migration = {
  async up(db, kind) {
    // MySQL ends a transaction with each DDL statement: a step that was cut off must be able to run again.
    const tables = await db.introspection.getTables()
    const roles = tables.find(({ name }) => name === 'roles')
    if (roles?.columns.some(({ name }) => name === 'owner') !== true) {
      await db.schema.alterTable('roles').addColumn('owner', 'varchar(64)').execute()
    }
    await db
      .updateTable('roles' as never)
      .set({ owner: unknownOwner } as never)
      .where('owner' as never, 'is', null)
      .execute()
    await createIndex(db, kind, 'roles_owner', 'roles', 'owner')
  },
  async down(db, kind) {
    const index = db.schema.dropIndex('roles_owner')
    await (kind === 'mysql' ? index.on('roles') : index.ifExists()).execute()
    await db.schema.alterTable('roles').dropColumn('owner').execute()
  },
}
