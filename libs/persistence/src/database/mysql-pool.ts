import type { Socket } from 'node:net'
import type { Clock, TlsFiles } from '@hydra/runtime'
import type { MysqlPool, MysqlPoolConnection, MysqlQueryResult } from 'kysely'
import { createPool, type PoolConnection } from 'mysql2'
import { mysqlTls } from './mysql-tls.ts'

/** Bounds of {@link openMysqlPool}. */
export interface MysqlPoolOptions {
  readonly url: string
  /** Plain connections when absent. */
  readonly tls?: TlsFiles | undefined
  readonly connectionsMax: number
  /** How many queries may wait for a connection; one more fails. */
  readonly waitingMax: number
  readonly connectTimeoutMs: number
  /** A connection whose statement takes longer is given up. */
  readonly queryTimeoutMs: number
}

/** How long closing waits for connections that do not answer. */
const closeTimeoutMs = 500

/**
 * What each connection is told first. Strict: content that does not fit is refused, never cut. READ COMMITTED takes
 * no gap locks, which batches from several servers would run into.
 */
const sessionSetup = [
  // Whatever the server is told to do with connections: literals are written for this one, see mysql-text.ts.
  'set names utf8mb4',
  "set session sql_mode = 'TRADITIONAL,NO_ENGINE_SUBSTITUTION'",
  'set session transaction isolation level read committed',
]

/**
 * A bounded mysql2 pool in the form that Kysely asks for.
 *
 * @throws HydraError `CONFIG_INVALID` when the files for TLS cannot be used.
 */
export function openMysqlPool(options: MysqlPoolOptions, clock: Clock): MysqlPool {
  const pool = createPool({
    uri: options.url,
    ...(options.tls === undefined ? {} : { ssl: mysqlTls(options.url, options.tls) }),
    charset: 'utf8mb4',
    connectionLimit: options.connectionsMax,
    queueLimit: options.waitingMax,
    connectTimeout: options.connectTimeoutMs,
    enableKeepAlive: true,
    // BIGINTs are numbers: epochs and times stay below 2^53.
    supportBigNumbers: true,
    bigNumberStrings: false,
  })
  const open = new Set<PoolConnection>()
  const ready = new WeakMap<PoolConnection, MysqlPoolConnection>()

  pool.on('connection', (raw: PoolConnection) => {
    open.add(raw)
    raw.once('end', () => open.delete(raw))
    // A lost connection tells each waiting query; without this listener a second report would end the process.
    raw.on('error', () => open.delete(raw))
  })

  return {
    getConnection(callback) {
      pool.getConnection((error, raw) => {
        if (error !== null) return callback(error, undefined as never)
        const known = ready.get(raw)
        if (known !== undefined) return callback(null, known)
        const connection = withTimeout(raw, options.queryTimeoutMs)
        setUp(connection, sessionSetup, (setupError) => {
          if (setupError === undefined) {
            ready.set(raw, connection)
            callback(null, connection)
          } else {
            abandon(raw)
            callback(setupError, undefined as never)
          }
        })
      })
    },
    end(callback) {
      let ended = false
      const end = (error: unknown) => {
        if (ended) return
        ended = true
        timer.cancel()
        callback(error)
      }
      const timer = clock.after(closeTimeoutMs, () => {
        for (const raw of open) abandon(raw)
        end(null)
      })
      pool.end(end)
    },
  }
}

function setUp(
  connection: MysqlPoolConnection,
  statements: readonly string[],
  callback: (error: unknown) => void,
): void {
  const [statement, ...rest] = statements
  if (statement === undefined) return callback(undefined)
  connection.query(statement, [], (error) => {
    if (error) callback(error)
    else setUp(connection, rest, callback)
  })
}

/** Takes a connection out of the pool, closes its socket even if the server has stopped answering, tells who waits. */
function abandon(raw: PoolConnection): void {
  raw.destroy()
  // mysql2 only half-closes and does not type its socket.
  const { stream } = raw as unknown as { readonly stream?: Socket }
  stream?.destroy(new Error('The connection was given up because the server does not answer.'))
}

/** mysql2 has a time limit per query but no default for it; a connection that exceeded it still waits, so it goes. */
function withTimeout(raw: PoolConnection, timeoutMs: number): MysqlPoolConnection {
  const query = (
    sql: string,
    values: unknown[],
    callback?: (error: unknown, result: MysqlQueryResult) => void,
  ): never => {
    let answered = false
    // Without parameters mysql2 must not look for the places of any, in a megabyte of rows.
    const parameters = values.length > 0 ? { values } : {}
    raw.query({ sql, ...parameters, timeout: timeoutMs }, (error, result) => {
      // What has timed out is told once more when its connection closes.
      if (answered) return
      answered = true
      if (error !== null && error.code === 'PROTOCOL_SEQUENCE_TIMEOUT') abandon(raw)
      // Kysely's result type names the fields it reads; mysql2's is the union of all that a query can give.
      callback?.(error, result as unknown as MysqlQueryResult)
    })
    // Only streams use what this returns, and nothing here streams.
    return undefined as never
  }
  return { query, release: () => raw.release() }
}
