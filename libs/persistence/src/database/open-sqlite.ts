import { mkdirSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import { Kysely } from 'kysely'
import Libsql from 'libsql'
import type { Database } from './database.ts'
import type { DatabaseDeps } from './open-database.ts'
import { toHydraError } from './sql-error.ts'
import { createDatabase } from './sql.ts'
import { PatientSqliteDialect } from './sqlite-dialect.ts'
import type { Tables } from './tables.ts'
import { traceQueries } from './trace-query.ts'

/** The setting under which SQLite keeps everything in memory. */
const inMemory = ':memory:'

/** Only while opening may the thread wait for a lock; afterwards {@link PatientSqliteDialect} waits without blocking. */
const openingPragmas = [
  'busy_timeout = 2000',
  'journal_mode = wal',
  'synchronous = normal',
  'foreign_keys = on',
  'busy_timeout = 0',
]

/**
 * Opens, and if need be makes, an SQLite file. WAL with `synchronous=normal`: a killed process loses nothing, a
 * machine that loses power may lose the last transactions.
 */
export function openSqlite(file: string, deps: DatabaseDeps): Database {
  const address = file === inMemory ? 'sqlite in memory' : `sqlite ${resolve(file)}`
  const libsql = connect(file, address)
  const db = new Kysely<Tables>({
    dialect: new PatientSqliteDialect(libsql, deps.clock),
    log: traceQueries('sqlite', 'sqlite'),
  })
  return createDatabase('sqlite', {
    db,
    address,
    deps,
    openForMigrations: () => ({ db, close: async () => {} }),
    async destroy() {
      await db.destroy()
      // Kysely leaves a file alone that no query has used.
      if (libsql.open) libsql.close()
    },
  })
}

function connect(file: string, address: string): Libsql.Database {
  try {
    if (file !== inMemory) mkdirSync(dirname(resolve(file)), { recursive: true })
    const libsql = new Libsql(file)
    for (const pragma of openingPragmas) libsql.pragma(pragma)
    return libsql
  } catch (error) {
    throw toHydraError(error, address)
  }
}
