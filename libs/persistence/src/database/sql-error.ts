import { HydraError } from '@hydra/protocol'

/** The parts that the errors of mysql2, libsql and Node's sockets have in common. */
interface DriverError {
  readonly code?: unknown
  readonly sqlState?: unknown
  readonly message?: unknown
}

/** Server errors that say "not now", whatever the statement was. Source: the servers' error references. */
const mysqlUnavailable = new Set([
  'ER_CON_COUNT_ERROR',
  'ER_TOO_MANY_USER_CONNECTIONS',
  'ER_USER_LIMIT_REACHED',
  'ER_HOST_IS_BLOCKED',
  'ER_ACCESS_DENIED_ERROR',
  'ER_DBACCESS_DENIED_ERROR',
  'ER_BAD_DB_ERROR',
  'ER_SERVER_SHUTDOWN',
  'ER_NORMAL_SHUTDOWN',
  'ER_SHUTDOWN_COMPLETE',
  'ER_CONNECTION_KILLED',
  'ER_NEW_ABORTING_CONNECTION',
  'ER_QUERY_INTERRUPTED',
  'ER_QUERY_TIMEOUT',
  'ER_STATEMENT_TIMEOUT',
  'ER_LOCK_WAIT_TIMEOUT',
  'ER_LOCK_DEADLOCK',
  'ER_OPTION_PREVENTS_STATEMENT',
  'ER_READ_ONLY_MODE',
  'ER_CANT_EXECUTE_IN_READ_ONLY_TRANSACTION',
  'ER_DISK_FULL',
  'ER_RECORD_FILE_FULL',
  'ER_OUT_OF_RESOURCES',
  'ER_OUTOFMEMORY',
  'ER_ENGINE_OUT_OF_MEMORY',
])

/** Primary result codes of SQLite (https://sqlite.org/rescode.html) that say the same; extended ones begin with them. */
const sqliteUnavailable = [
  'SQLITE_BUSY',
  'SQLITE_LOCKED',
  'SQLITE_IOERR',
  'SQLITE_FULL',
  'SQLITE_READONLY',
  'SQLITE_CANTOPEN',
  'SQLITE_NOMEM',
]

const duplicate = new Set(['ER_DUP_ENTRY', 'SQLITE_CONSTRAINT_UNIQUE', 'SQLITE_CONSTRAINT_PRIMARYKEY'])
const conflict = new Set(['ER_LOCK_DEADLOCK', 'ER_LOCK_WAIT_TIMEOUT'])

const fields = (error: unknown): DriverError => (typeof error === 'object' && error !== null ? error : {})
const codeOf = (error: unknown): string => {
  const { code } = fields(error)
  return typeof code === 'string' ? code : ''
}

/** Whether a unique key refused the statement. */
export const isDuplicateKey = (error: unknown): boolean => duplicate.has(codeOf(error))

/** Whether the server rolled the transaction back in favour of another one: the same work may pass at once. */
export const isConflict = (error: unknown): boolean => conflict.has(codeOf(error))

/** Whether SQLite found the file locked by another process. */
export const isBusy = (error: unknown): boolean =>
  codeOf(error).startsWith('SQLITE_BUSY') || codeOf(error).startsWith('SQLITE_LOCKED')

/**
 * What a driver threw, in our terms: a server that answered with a refusal of this statement is `INTERNAL` (the
 * statement or its content is at fault), everything else means that the database could not do its work now.
 */
export function toHydraError(error: unknown, address: string): HydraError {
  if (error instanceof HydraError) return error
  forgetStatement(error)
  const { sqlState, message } = fields(error)
  if (message === 'Queue limit reached.') {
    return new HydraError('SERVER_BUSY', `Too many queries wait for a connection to ${address}.`, {
      cause: error,
    })
  }
  const code = codeOf(error)
  const answered = typeof sqlState === 'string' || code.startsWith('SQLITE_')
  const unavailable =
    !answered ||
    sqlState === '08S01' ||
    mysqlUnavailable.has(code) ||
    sqliteUnavailable.some((prefix) => code.startsWith(prefix))
  return unavailable
    ? new HydraError('STORAGE_UNAVAILABLE', `The database ${address} cannot be reached or did not answer.`, {
        cause: error,
      })
    : new HydraError('INTERNAL', `The database ${address} refused a statement.`, { cause: error })
}

/** mysql2 adds the statement, and so what players own and the hashes of passwords, to what would be logged. */
function forgetStatement(error: unknown): void {
  if (typeof error === 'object' && error !== null && 'sql' in error) delete error.sql
}
