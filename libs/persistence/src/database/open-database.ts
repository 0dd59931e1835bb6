import type { Clock, Metrics, TlsFiles } from '@hydra/runtime'
import type { Database } from './database.ts'
import { openMysql } from './open-mysql.ts'
import { openSqlite } from './open-sqlite.ts'

/** Where the database is. The defaults of the MySQL bounds are those of `storageConfigSchema`. */
export type DatabaseConfig =
  | {
      readonly kind: 'mysql'
      /** `mysql://user:password@host:port/name`; the database must exist. */
      readonly url: string
      /** TLS is spoken, and the server identified, with these files; plain connections when absent. */
      readonly tls?: TlsFiles | undefined
      readonly connectionsMax?: number
      readonly waitingMax?: number
      readonly connectTimeoutMs?: number
      readonly queryTimeoutMs?: number
    }
  | {
      readonly kind: 'sqlite'
      /** A file, made with its folder if absent, or `:memory:`. */
      readonly file: string
    }

/** What a database needs. */
export interface DatabaseDeps {
  readonly clock: Clock
  /** Counts and times queries when present. */
  readonly metrics?: Metrics
}

/** Bounds of the MySQL pool when nothing else is said. */
export const mysqlDefaults = Object.freeze({
  connectionsMax: 8,
  waitingMax: 1_000,
  connectTimeoutMs: 5_000,
  queryTimeoutMs: 10_000,
})

/**
 * Opens a database without running migrations. MySQL connects with the first query, SQLite opens its file at once.
 *
 * @throws HydraError `STORAGE_UNAVAILABLE` when the SQLite file cannot be opened; `CONFIG_INVALID` when the files for TLS
 * cannot be used.
 * @example
 * const database = openDatabase({ kind: 'sqlite', file: '.hydra/hydra.db' }, { clock: systemClock })
 * await migrate(database)
 * const accounts = createAccounts(database)
 */
export function openDatabase(config: DatabaseConfig, deps: DatabaseDeps): Database {
  return config.kind === 'sqlite'
    ? openSqlite(config.file, deps)
    : openMysql({ ...mysqlDefaults, ...config }, deps)
}
