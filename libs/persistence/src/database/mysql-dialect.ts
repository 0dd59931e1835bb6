import { MysqlAdapter, MysqlDialect, sql, type Kysely } from 'kysely'

/** One try for the lock; shorter than any server's idle limit, and each try shows that the server still answers. */
const lockTrySeconds = 10
const lockTriesMax = 360

/**
 * The lock of one database instead of one for the whole server, and its answer is looked at. It belongs to the
 * connection: when the process dies, the server frees it.
 */
class PerDatabaseLockAdapter extends MysqlAdapter {
  override async acquireMigrationLock(db: Kysely<unknown>): Promise<void> {
    for (let attempt = 0; attempt < lockTriesMax; attempt++) {
      const { rows } = await sql<{
        locked: number | null
      }>`select get_lock(${lockName}, ${sql.lit(lockTrySeconds)}) as locked`.execute(db)
      if (rows[0]?.locked === 1) return
    }
    throw new Error('Another process has been migrating this database for an hour; look for one that hangs.')
  }

  override async releaseMigrationLock(db: Kysely<unknown>): Promise<void> {
    await sql`select release_lock(${lockName})`.execute(db)
  }
}

/** Lock names hold 64 characters, database names too: hence the hash. */
const lockName = sql`concat('hydra-migrate-', left(sha2(database(), 256), 40))`

/** MySQL and MariaDB. */
export class LockingMysqlDialect extends MysqlDialect {
  override createAdapter(): MysqlAdapter {
    return new PerDatabaseLockAdapter()
  }
}
