import type { HydraError } from '@hydra/protocol'
import type { Clock, Histogram, Metrics } from '@hydra/runtime'
import { sql } from 'kysely'
import type { Database, DatabaseKind } from './database.ts'
import { isConflict, isDuplicateKey, toHydraError } from './sql-error.ts'
import type { TablesDb } from './tables.ts'

/** What a caller says about its statement. */
export interface SqlOptions {
  /** Error for a refusal by a unique key; `INTERNAL` when absent. */
  readonly onDuplicate?: () => HydraError
}

/** How often a transaction that lost against another one is tried in all. */
const attemptsMax = 5

/** The SQL side of a {@link Database}: for repositories and migrations only. Every error leaves as a HydraError. */
export interface Sql {
  readonly db: TablesDb
  /** Runs statements that each stand alone. */
  run<T>(work: (db: TablesDb) => Promise<T>, options?: SqlOptions): Promise<T>
  /** Runs statements in one transaction; repeated when it lost against another one, so `work` must be repeatable. */
  transact<T>(work: (db: TablesDb) => Promise<T>, options?: SqlOptions): Promise<T>
  /** A query builder for migrations, which may take long: to be closed by the caller. */
  openForMigrations(): { readonly db: TablesDb; close(): Promise<void> }
  /** Takes nothing new, lets what is under way come to its end (bounded), then closes. Later calls await the first. */
  close(): Promise<void>
}

/** How long closing waits for what is under way. */
const closeTimeoutMs = 1_000

/** What {@link createSql} builds on. */
export interface SqlParts {
  readonly db: TablesDb
  readonly address: string
  readonly deps: { readonly clock: Clock; readonly metrics?: Metrics }
  readonly openForMigrations: Sql['openForMigrations']
  /** Closes all connections. */
  readonly destroy: () => Promise<void>
}

/** Builds a {@link Sql} on a query builder. */
function createSql({ db, address, deps, openForMigrations, destroy }: SqlParts): Sql {
  const running = new Running(deps)
  let closing: Promise<void> | undefined
  const translate = (error: unknown, options: SqlOptions | undefined): HydraError =>
    isDuplicateKey(error) && options?.onDuplicate !== undefined
      ? options.onDuplicate()
      : toHydraError(error, address)
  const guarded = async <T>(work: () => Promise<T>, options: SqlOptions | undefined): Promise<T> => {
    try {
      if (closing !== undefined) throw new Error('The database was closed.')
      return await running.track(work)
    } catch (error) {
      throw translate(error, options)
    }
  }

  return {
    db,
    openForMigrations,
    run: (work, options) => guarded(() => work(db), options),
    transact: (work, options) =>
      guarded(async () => {
        for (let attempt = 1; ; attempt++) {
          try {
            return await db.transaction().execute(work)
          } catch (error) {
            if (!isConflict(error) || attempt >= attemptsMax) throw error
          }
        }
      }, options),
    close: () => (closing ??= running.idle(closeTimeoutMs).then(destroy)),
  }
}

/** Counts and times what is under way. */
class Running {
  readonly #clock: Clock
  readonly #seconds: Histogram | undefined
  #count = 0
  #onIdle = (): void => {}

  constructor({ clock, metrics }: SqlParts['deps']) {
    this.#clock = clock
    this.#seconds = metrics?.histogram({
      name: 'hydra_database_operation_seconds',
      help: 'How long a query or transaction took, waiting for a connection included.',
    })
    metrics?.gauge({
      name: 'hydra_database_in_flight',
      help: 'Queries and transactions under way or waiting for a connection.',
      collect: () => this.#count,
    })
  }

  async track<T>(work: () => Promise<T>): Promise<T> {
    const startedMs = this.#clock.monotonicMs()
    this.#count += 1
    try {
      return await work()
    } finally {
      this.#count -= 1
      this.#seconds?.observe((this.#clock.monotonicMs() - startedMs) / 1_000)
      if (this.#count === 0) this.#onIdle()
    }
  }

  /** Resolves when nothing is under way, or the time is over. */
  idle(timeoutMs: number): Promise<void> {
    if (this.#count === 0) return Promise.resolve()
    return new Promise((resolve) => {
      const timer = this.#clock.after(timeoutMs, resolve)
      this.#onIdle = () => {
        timer.cancel()
        resolve()
      }
    })
  }
}

const sqlByDatabase = new WeakMap<Database, Sql>()

/** A database whose SQL side is known to {@link sqlOf} without being part of the public type. */
export function createDatabase(kind: DatabaseKind, parts: SqlParts): Database {
  const side = createSql(parts)
  const database: Database = {
    kind,
    address: parts.address,
    ping: () => side.run(async (db) => void (await sql`select 1`.execute(db))),
    close: () => side.close(),
  }
  sqlByDatabase.set(database, side)
  return database
}

/** The SQL side of a database. @throws TypeError for an object that `openDatabase` did not make. */
export function sqlOf(database: Database): Sql {
  const side = sqlByDatabase.get(database)
  if (side === undefined) throw new TypeError('Only what openDatabase() returned can be used as a database.')
  return side
}
