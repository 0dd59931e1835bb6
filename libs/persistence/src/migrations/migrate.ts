import { HydraError } from '@hydra/protocol'
import { Migrator, NO_MIGRATIONS, type Kysely, type MigrationProvider, type MigrationResult } from 'kysely'
import type { Database, DatabaseKind } from '../database/database.ts'
import { toHydraError } from '../database/sql-error.ts'
import { sqlOf } from '../database/sql.ts'
import type { TablesDb } from '../database/tables.ts'
import { migrations } from './index.ts'

/** A step and when it ran. */
export interface MigrationStatus {
  readonly name: string
  /** `undefined`: not yet. */
  readonly executedAt: Date | undefined
}

/** Options of {@link migrate}. */
export interface MigrateOptions {
  /** `latest` runs all steps up, `none` runs all down again: that deletes every table and its content. */
  readonly to?: 'latest' | 'none'
}

/**
 * Brings the tables to their latest form (or takes them away). One process at a time: others wait until it is done
 * and then find nothing left to do.
 *
 * @returns the names of the steps that ran.
 * @throws HydraError `STORAGE_UNAVAILABLE` when the database is away, `INTERNAL` when a step failed (the step is named),
 * or when a later release has been here, which must not be tried again.
 * @example const ran = await migrate(database)
 */
export async function migrate(database: Database, options: MigrateOptions = {}): Promise<readonly string[]> {
  const { db, close } = sqlOf(database).openForMigrations()
  try {
    const migrator = createMigrator(db, database.kind)
    const { results = [], error } =
      options.to === 'none' ? await migrator.migrateTo(NO_MIGRATIONS) : await migrator.migrateToLatest()
    if (error !== undefined) throw failure(error, results, database.address)
    return results.map(({ migrationName }) => migrationName)
  } finally {
    await close()
  }
}

/** Which steps ran and which did not. @throws HydraError `STORAGE_UNAVAILABLE`. */
export async function migrationStatus(database: Database): Promise<readonly MigrationStatus[]> {
  return sqlOf(database).run(async (db) => {
    const known = await createMigrator(db, database.kind).getMigrations()
    return known.map(({ name, executedAt }) => ({ name, executedAt }))
  })
}

function createMigrator(db: TablesDb, kind: DatabaseKind): Migrator {
  const provider: MigrationProvider = {
    getMigrations: async () =>
      Object.fromEntries(
        Object.entries(migrations).map(([name, { up, down }]) => [
          name,
          {
            up: (tables: Kysely<unknown>) => up(tables, kind),
            down: (tables: Kysely<unknown>) => down(tables, kind),
          },
        ]),
      ),
  }
  return new Migrator({ db, provider })
}

function failure(error: unknown, results: readonly MigrationResult[], address: string): HydraError {
  if (isOfLaterRelease(error)) {
    const advice = 'set [storage] migrate = false to run on them all the same, see docs/operations.md'
    return new HydraError('INTERNAL', `The tables on ${address} are of a later release; ${advice}.`, {
      cause: error,
    })
  }
  const translated = toHydraError(error, address)
  const failed = results.find(({ status }) => status === 'Error')
  if (failed === undefined || translated.code === 'STORAGE_UNAVAILABLE') return translated
  const { migrationName, direction } = failed
  return new HydraError(
    'INTERNAL',
    `Migration ${migrationName} (${direction.toLowerCase()}) failed on ${address}; the cause says why. It can be run again.`,
    { cause: error },
  )
}

/** Kysely says so with a plain error: a step that ran is none of those that it was given. */
const isOfLaterRelease = (error: unknown): boolean =>
  error instanceof Error &&
  /^corrupted migrations: previously executed migration .* is missing/.test(error.message)
