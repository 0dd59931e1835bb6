import { Kysely } from 'kysely'
import type { Database } from './database.ts'
import { LockingMysqlDialect } from './mysql-dialect.ts'
import type { DatabaseDeps } from './open-database.ts'
import { openMysqlPool, type MysqlPoolOptions } from './mysql-pool.ts'
import { createDatabase } from './sql.ts'
import type { Tables } from './tables.ts'

/** Altering a large table takes its time. */
const migrationTimeoutMs = 3_600_000

/** Opens a pool on MySQL or MariaDB. Connects with the first query. */
export function openMysql(options: MysqlPoolOptions, deps: DatabaseDeps): Database {
  const address = describe(options.url)
  const open = (pool: MysqlPoolOptions) =>
    new Kysely<Tables>({ dialect: new LockingMysqlDialect({ pool: openMysqlPool(pool, deps.clock) }) })
  const db = open(options)
  return createDatabase('mysql', {
    db,
    address,
    deps,
    openForMigrations() {
      const single = open({ ...options, connectionsMax: 1, queryTimeoutMs: migrationTimeoutMs })
      return { db: single, close: () => single.destroy() }
    },
    destroy: () => db.destroy(),
  })
}

function describe(url: string): string {
  const { hostname, port, pathname } = new URL(url)
  return `mysql ${hostname}:${port === '' ? '3306' : port}${pathname}`
}
