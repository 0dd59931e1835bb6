import type { Metrics } from '@hydra/runtime'
import type { MysqlPool, MysqlPoolConnection } from 'kysely'

/** Wraps a pool so that it shows at each scrape how many connections are in use and how many queries wait for one. */
export function observePool(
  pool: MysqlPool,
  { connectionsMax }: { readonly connectionsMax: number },
  metrics: Metrics,
): MysqlPool {
  let inUse = 0
  let waiting = 0
  metrics.gauge({
    name: 'hydra_mysql_pool_used_connections',
    help: 'Connections to MySQL that are running something.',
    collect: () => inUse,
  })
  metrics.gauge({
    name: 'hydra_mysql_pool_waiting_queries',
    help: 'Queries and transactions that wait for a connection to MySQL.',
    collect: () => waiting,
  })
  metrics.gauge({
    name: 'hydra_mysql_pool_max_connections',
    help: 'Connections to MySQL that there may be, [storage] mysqlConnectionsMax.',
    collect: () => connectionsMax,
  })
  // One wrapper for each connection: Kysely keeps by the object what it has prepared.
  const known = new WeakMap<MysqlPoolConnection, MysqlPoolConnection>()
  const counted = (raw: MysqlPoolConnection): MysqlPoolConnection => {
    let connection = known.get(raw)
    if (connection === undefined) {
      connection = {
        query: raw.query.bind(raw),
        release() {
          inUse -= 1
          raw.release()
        },
      }
      known.set(raw, connection)
    }
    return connection
  }
  return {
    getConnection(callback) {
      waiting += 1
      pool.getConnection((error, raw) => {
        waiting -= 1
        if (error) return callback(error, raw)
        inUse += 1
        callback(error, counted(raw))
      })
    },
    end: (callback) => pool.end(callback),
  }
}
