import { eventually } from '@hydra/testing'
import { Redis } from 'ioredis'
import mysql, { type RowDataPacket } from 'mysql2/promise'
import type { RoleSettings } from '@hydra/protocol'
import type { Shown } from './ledger.ts'

// Plain clients and plain statements: what checks the stores must not be the code that writes them.

/** What the database has of each role, by its id. */
export async function storedRoles(mysqlUrl: string): Promise<ReadonlyMap<string, Shown>> {
  const connection = await mysql.createConnection(mysqlUrl)
  try {
    const [rows] = await connection.query<RowDataPacket[]>('select rid, version, data from roles')
    return new Map(
      rows.map((row) => {
        const { settings = {} } = JSON.parse(String(row['data'])) as { settings?: RoleSettings }
        return [String(row['rid']), { version: Number(row['version']), settings }]
      }),
    )
  } finally {
    await connection.end()
  }
}

/** How long what is not the work of a logout, as the sweep after a crash, may take to clear up. */
const clearTimeoutMs = 15_000

/**
 * Waits until Redis holds nothing more of any role or session, and answers the keys that stay all the same, and the ids
 * of roles that are still marked as unsaved.
 */
export async function leftovers(redisUrl: string, keyPrefix: string): Promise<string[]> {
  const redis = new Redis(redisUrl)
  let left: string[] = []
  try {
    await eventually(
      async () => {
        const keys = await redis.keys(`${keyPrefix}*`)
        const unsaved = await redis.zrange(`${keyPrefix}roles-unsaved`, 0, -1)
        left = [
          ...keys.filter((key) => /:(?:role|session|presence):/.test(key)),
          ...unsaved.map((rid) => `unsaved ${rid}`),
        ]
        return left.length === 0
      },
      { timeoutMs: clearTimeoutMs, intervalMs: 100 },
    )
  } catch (error) {
    if (left.length === 0) throw error
  } finally {
    redis.disconnect()
  }
  return left.sort()
}
