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

/** What players that have all left have left behind in Redis. */
export interface Leftovers {
  /** Keys of roles, their owners and sessions, and ids of roles that are marked as unsaved: there must be none. */
  readonly keys: readonly string[]
  /**
   * Roles that chat takes for present. A game server tells chat a few times that a role left and then gives up
   * (`[chat] leaveAttemptsMax`); the presence stays until the role next enters.
   */
  readonly presences: number
}

/** Waits until Redis holds nothing more of any role or session, and answers what stays all the same. */
export async function leftovers(redisUrl: string, keyPrefix: string): Promise<Leftovers> {
  const redis = new Redis(redisUrl)
  const keysOf = async (kind: string) => (await redis.keys(`${keyPrefix}${kind}:*`)).sort()
  let keys: string[] = []
  try {
    await eventually(
      async () => {
        const unsaved = await redis.zrange(`${keyPrefix}roles-unsaved`, 0, -1)
        keys = [
          ...(await keysOf('role')),
          ...(await keysOf('session')),
          ...(await keysOf('roles-of')),
          ...(await redis.smembers(`${keyPrefix}role-owners`)).map((owner) => `owner ${owner}`),
          ...unsaved.map((rid) => `unsaved ${rid}`),
        ]
        return keys.length === 0
      },
      { timeoutMs: clearTimeoutMs, intervalMs: 100 },
    ).catch((error: unknown) => {
      if (keys.length === 0) throw error
    })
    return { keys, presences: (await keysOf('presence')).length }
  } finally {
    redis.disconnect()
  }
}
