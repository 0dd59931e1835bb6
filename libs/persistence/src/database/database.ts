/** Which kind of server, or file, is behind a {@link Database}. */
export type DatabaseKind = 'mysql' | 'sqlite'

/**
 * A database as services hold it: something to hand to the repositories, to ask after, and to close. What speaks
 * SQL stays inside this library.
 */
export interface Database {
  readonly kind: DatabaseKind
  /** Where it is, for log lines: host and name, or the file. Never a password. */
  readonly address: string
  /** Resolves when a query has come back. @throws HydraError `STORAGE_UNAVAILABLE`. */
  ping(): Promise<void>
  /** Finishes what is running (bounded), then closes all connections. Later calls do nothing. */
  close(): Promise<void>
}
