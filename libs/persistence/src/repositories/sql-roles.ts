import { HydraError } from '@hydra/protocol'
import type { Clock } from '@hydra/runtime'
import type { Database } from '../database/database.ts'
import { sqlOf } from '../database/sql.ts'
import { unknownOwner, type RoleRow, type TablesDb } from '../database/tables.ts'
import { decodeData, encodeData } from '../encode-snapshot.ts'
import type { RoleSnapshot } from '../role-snapshot.ts'
import { nameKey } from './name-key.ts'
import type { Roles } from './roles.ts'
import { saveRoles } from './save-roles.ts'
import { disownRoles, takeOverRole, takeOverSavedRole } from './take-over-role.ts'

/**
 * Roles in a database that has been migrated.
 *
 * @example const role = await createRoles(database, { clock: systemClock }).find(rid)
 */
export function createRoles(database: Database, deps: { readonly clock: Clock }): Roles {
  const sql = sqlOf(database)
  const { clock } = deps

  return {
    create: (role, { maxPerAccount }) =>
      sql.transact(
        async (db) => {
          await lockAccount(db, database, role.uid)
          const { count } = await db
            .selectFrom('roles')
            .select((expression) => expression.fn.countAll<number>().as('count'))
            .where('uid', '=', role.uid)
            .executeTakeFirstOrThrow()
          if (count >= maxPerAccount) throw roleLimitReached(maxPerAccount)
          await db
            .insertInto('role_names')
            .values({ name_key: nameKey(role.name), rid: role.rid })
            .execute()
          await db.insertInto('roles').values(toRow(role, clock.nowMs())).execute()
        },
        { onDuplicate: () => nameTaken(role.name) },
      ),
    listByUid: (uid) =>
      sql.run((db) =>
        db
          .selectFrom('roles')
          .select(['rid', 'name', 'level'])
          .where('uid', '=', uid)
          .orderBy('rid')
          .execute(),
      ),
    find: (rid) =>
      sql.run(async (db) => {
        const row = await db.selectFrom('roles').selectAll().where('rid', '=', rid).executeTakeFirst()
        return row === undefined ? undefined : toSnapshot(row)
      }),
    takeOver: (rid, claim, journalled) =>
      sql.transact((db) => takeOverRole(db, database.kind, rid, claim, journalled, clock.nowMs())),
    takeOverSaved: (rid, claim) => sql.transact((db) => takeOverSavedRole(db, database.kind, rid, claim)),
    async owners() {
      const rows = await sql.run((db) =>
        db
          .selectFrom('roles')
          .select('owner')
          .distinct()
          .where('owner', 'is not', null)
          .where('owner', '!=', unknownOwner)
          .execute(),
      )
      return rows.flatMap(({ owner }) => owner ?? [])
    },
    ownedBy: (owner, limit, afterRid = '') =>
      sql.run((db) =>
        db
          .selectFrom('roles')
          .select(['rid', 'epoch'])
          .where('owner', '=', owner)
          .where('rid', '>', afterRid)
          .orderBy('rid')
          .limit(limit)
          .execute(),
      ),
    disown: (owner, roles) => sql.run((db) => disownRoles(db, owner, roles)),
    async claimName(rid, name) {
      const name_key = nameKey(name)
      // Looked at first, so that claiming again needs no failing insert; the key decides between two at once.
      const owner = await sql.run((db) =>
        db.selectFrom('role_names').select('rid').where('name_key', '=', name_key).executeTakeFirst(),
      )
      if (owner?.rid === rid) return
      if (owner !== undefined) throw nameTaken(name)
      await sql.run((db) => db.insertInto('role_names').values({ name_key, rid }).execute(), {
        onDuplicate: () => nameTaken(name),
      })
    },
    async freeName(rid, name, kept) {
      if (nameKey(name) === nameKey(kept)) return
      await sql.run((db) =>
        db.deleteFrom('role_names').where('rid', '=', rid).where('name_key', '=', nameKey(name)).execute(),
      )
    },
    async keepOnlyName(rid, name, epoch) {
      await sql.run((db) =>
        db
          .deleteFrom('role_names')
          .where('rid', '=', rid)
          .where('name_key', '!=', nameKey(name))
          // A statement that a paused or timed-out owner left running must not free what its successor has claimed.
          .where(({ not, exists, selectFrom }) =>
            not(exists(selectFrom('roles').select('rid').where('rid', '=', rid).where('epoch', '>', epoch))),
          )
          .execute(),
      )
    },
    async saveAll(roles) {
      return { fenced: await sql.run((db) => saveRoles(db, database.kind, roles, clock.nowMs())) }
    },
  }
}

/** Two creations for one account take turns. SQLite's transactions take turns as they are. */
async function lockAccount(db: TablesDb, database: Database, uid: string): Promise<void> {
  if (database.kind === 'sqlite') return
  await db.selectFrom('accounts').select('uid').where('uid', '=', uid).forUpdate().execute()
}

const nameTaken = (name: string): HydraError =>
  new HydraError('NAME_TAKEN', `The role name "${name}" is taken; choose another.`, { metadata: { name } })

const roleLimitReached = (maxPerAccount: number): HydraError =>
  new HydraError(
    'ROLE_LIMIT_REACHED',
    `The account has ${maxPerAccount} roles, which is the most it may have.`,
    {
      metadata: { maxPerAccount },
    },
  )

const toRow = (role: RoleSnapshot, nowMs: number): RoleRow => ({
  rid: role.rid,
  uid: role.uid,
  name: role.name,
  level: role.level,
  epoch: role.epoch,
  version: role.version,
  schema: role.schema,
  data: encodeData(role),
  updated_at_ms: nowMs,
  owner: null,
})

const toSnapshot = (row: RoleRow): RoleSnapshot => ({
  rid: row.rid,
  uid: row.uid,
  name: row.name,
  level: row.level,
  epoch: row.epoch,
  version: row.version,
  schema: row.schema,
  data: decodeData(row.data),
})
