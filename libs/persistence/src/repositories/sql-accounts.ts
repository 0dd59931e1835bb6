import { HydraError } from '@hydra/protocol'
import type { Database } from '../database/database.ts'
import { sqlOf } from '../database/sql.ts'
import type { AccountRow } from '../database/tables.ts'
import type { Account, Accounts } from './accounts.ts'

/**
 * Accounts in a database that has been migrated.
 *
 * @example const account = await createAccounts(database).findByUsername('ann')
 */
export function createAccounts(database: Database): Accounts {
  const sql = sqlOf(database)

  const find = (column: 'uid' | 'username_key', value: string): Promise<Account | undefined> =>
    sql.run(async (db) => {
      const row = await db.selectFrom('accounts').selectAll().where(column, '=', value).executeTakeFirst()
      return row === undefined ? undefined : toAccount(row)
    })

  return {
    async create(account) {
      await sql.run(
        (db) =>
          db
            .insertInto('accounts')
            .values({
              uid: account.uid,
              username: account.username,
              username_key: usernameKey(account.username),
              password_hash: account.passwordHash,
              created_at_ms: account.createdAtMs,
              banned_until_ms: 0,
            })
            .execute(),
        { onDuplicate: () => usernameTaken(account.username) },
      )
    },
    findByUsername: (username) => find('username_key', usernameKey(username)),
    findByUid: (uid) => find('uid', uid),
    async setBan(uid, bannedUntilMs) {
      const { numUpdatedRows } = await sql.run((db) =>
        db
          .updateTable('accounts')
          .set({ banned_until_ms: bannedUntilMs })
          .where('uid', '=', uid)
          .executeTakeFirstOrThrow(),
      )
      return numUpdatedRows > 0n
    },
    async replacePasswordHash(uid, from, to) {
      const { numUpdatedRows } = await sql.run((db) =>
        db
          .updateTable('accounts')
          .set({ password_hash: to })
          .where('uid', '=', uid)
          .where('password_hash', '=', from)
          .executeTakeFirstOrThrow(),
      )
      return numUpdatedRows > 0n
    },
  }
}

const usernameKey = (username: string): string => username.toLowerCase()

const usernameTaken = (username: string): HydraError =>
  new HydraError('USERNAME_TAKEN', `An account named "${username}" exists; choose another name.`, {
    metadata: { username },
  })

const toAccount = (row: AccountRow): Account => ({
  uid: row.uid,
  username: row.username,
  passwordHash: row.password_hash,
  createdAtMs: row.created_at_ms,
  bannedUntilMs: row.banned_until_ms,
})
