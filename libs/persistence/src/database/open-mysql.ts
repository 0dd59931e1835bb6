import { Kysely, type MysqlPool } from 'kysely'
import type { Database } from './database.ts'
import { LockingMysqlDialect } from './mysql-dialect.ts'
import type { DatabaseDeps } from './open-database.ts'
import { openMysqlPool, type MysqlPoolOptions } from './mysql-pool.ts'
import { observePool } from './mysql-pool-metrics.ts'
import { createDatabase } from './sql.ts'
import type { Tables } from './tables.ts'
import { traceQueries } from './trace-query.ts'

/** Altering a large table takes its time. */
const migrationTimeoutMs = 3_600_000

/** Opens a pool on MySQL or MariaDB. Connects with the first query. */
export function openMysql(options: MysqlPoolOptions, deps: DatabaseDeps): Database {
  const address = describe(options.url)
  const open = (pool: MysqlPool) =>
    new Kysely<Tables>({
      dialect: new LockingMysqlDialect({ pool }),
      log: traceQueries('mysql', address),
    })
  const pool = openMysqlPool(options, deps.clock)
  const { metrics } = deps
  const db = open(metrics === undefined ? pool : observePool(pool, options, metrics))
  return createDatabase('mysql', {
    db,
    address,
    deps,
    openForMigrations() {
      const patient = { ...options, connectionsMax: 1, queryTimeoutMs: migrationTimeoutMs }
      const single = open(openMysqlPool(patient, deps.clock))
      return { db: single, close: () => single.destroy() }
    },
    destroy: () => db.destroy(),
  })
}

function describe(url: string): string {
  const { hostname, port, pathname } = new URL(url)
  return `mysql ${hostname}:${port === '' ? '3306' : port}${pathname}`
}
