import { delay, type Clock } from '@hydra/runtime'
import {
  SqliteAdapter,
  SqliteDialect,
  SqliteDriver,
  type CompiledQuery,
  type DatabaseConnection,
  type Driver,
  type QueryResult,
} from 'kysely'
import type Libsql from 'libsql'
import { isBusy } from './sql-error.ts'

/** How long a statement waits for another process to give the file free. */
const busyWaitMaxMs = 5_000
const busyPauseMs = 5

/**
 * The one connection. While another process holds the file it waits without blocking: SQLite's own wait would hold up
 * the whole event loop.
 */
class PatientConnection implements DatabaseConnection {
  readonly #libsql: Libsql.Database
  readonly #clock: Clock

  constructor(libsql: Libsql.Database, clock: Clock) {
    this.#libsql = libsql
    this.#clock = clock
  }

  async executeQuery<R>({ sql, parameters }: CompiledQuery): Promise<QueryResult<R>> {
    const statement = await this.#patiently(() => this.#libsql.prepare(sql))
    if (statement.reader) {
      return { rows: await this.#patiently(() => statement.all([...parameters]) as R[]) }
    }
    const { changes } = this.#libsql.inTransaction
      ? statement.run([...parameters])
      : await this.#alone(() => statement.run([...parameters]))
    return { rows: [], numAffectedRows: BigInt(changes) }
  }

  // oxlint-disable-next-line require-yield
  async *streamQuery<R>(): AsyncIterableIterator<QueryResult<R>> {
    throw new Error('Nothing in this library streams.')
  }

  /** Takes the write lock at once: one that is taken in mid-transaction can fail after another process wrote. */
  begin(): Promise<void> {
    return this.#patiently(() => void this.#libsql.exec('begin immediate'))
  }

  end(how: 'commit' | 'rollback'): void {
    // Some errors (a full disk, for one) roll back by themselves.
    if (how === 'commit' || this.#libsql.inTransaction) this.#libsql.exec(how)
  }

  /**
   * libsql never resets a statement that found the file locked, and then no transaction of its connection can commit
   * any more. So a write first gets the lock through `exec`, which leaves nothing behind when it fails.
   */
  async #alone<T>(work: () => T): Promise<T> {
    await this.begin()
    try {
      const result = work()
      this.end('commit')
      return result
    } catch (error) {
      this.end('rollback')
      throw error
    }
  }

  async #patiently<T>(work: () => T): Promise<T> {
    const giveUpAtMs = this.#clock.monotonicMs() + busyWaitMaxMs
    for (;;) {
      try {
        return work()
      } catch (error) {
        if (!isBusy(error) || this.#clock.monotonicMs() >= giveUpAtMs) throw error
        await delay(this.#clock, busyPauseMs)
      }
    }
  }
}

/** Hands the one connection out in turn, which {@link SqliteDriver} sees to. */
class PatientDriver extends SqliteDriver {
  readonly #connection: PatientConnection

  constructor(libsql: Libsql.Database, clock: Clock) {
    super({ database: libsql })
    this.#connection = new PatientConnection(libsql, clock)
  }

  override async acquireConnection(): Promise<DatabaseConnection> {
    await super.acquireConnection()
    return this.#connection
  }

  override beginTransaction(): Promise<void> {
    return this.#connection.begin()
  }

  override async commitTransaction(): Promise<void> {
    this.#connection.end('commit')
  }

  override async rollbackTransaction(): Promise<void> {
    this.#connection.end('rollback')
  }
}

/**
 * SQLite's DDL is transactional; with this said, Kysely reads which migrations ran, and runs the rest, inside one
 * transaction. That transaction begins with the write lock, so it is the lock between processes too, and a process
 * that dies half-way leaves neither a lock nor half a migration behind.
 */
class TransactionalDdlAdapter extends SqliteAdapter {
  override get supportsTransactionalDdl(): boolean {
    return true
  }
}

/** SQLite for several processes on one file without blocking the event loop. */
export class PatientSqliteDialect extends SqliteDialect {
  readonly #libsql: Libsql.Database
  readonly #clock: Clock

  constructor(libsql: Libsql.Database, clock: Clock) {
    super({ database: libsql })
    this.#libsql = libsql
    this.#clock = clock
  }

  override createDriver(): Driver {
    return new PatientDriver(this.#libsql, this.#clock)
  }

  override createAdapter(): SqliteAdapter {
    return new TransactionalDdlAdapter()
  }
}
