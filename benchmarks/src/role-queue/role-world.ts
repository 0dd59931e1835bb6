import {
  createMysqlDatabase,
  createRoleOwnership,
  createRoleQueue,
  openStorage,
  roleQueueConfigSchema,
  storageConfigSchema,
  type RoleQueue,
  type RoleSnapshot,
} from '@hydra/persistence'
import { createMetrics, silentLogger, systemClock } from '@hydra/runtime'
import { startServers, type ServerSet } from '@hydra/testing'
import { cpuMicros } from '../measure/cpu-time.ts'
import { BenchRole, newRole } from './bench-role.ts'
import { RawRows } from './raw-rows.ts'

const loadsParallel = 64

/** A queue that counts what it has written. */
export interface MeasuredQueue extends RoleQueue {
  readonly rowsFlushed: () => number
}

/** Servers of its own with a production's durability, and roles that this process owns, as a game server would. */
export interface RoleWorld {
  readonly roles: readonly BenchRole[]
  readonly raw: RawRows
  openQueue(config?: Parameters<typeof roleQueueConfigSchema.parse>[0]): MeasuredQueue
  /** CPU time that this process and its servers have used so far. */
  cpuMicros(): number
  /** Every change was acknowledged and flushed. @throws Error when the database lacks one, or the journal still has one. */
  verify(): Promise<void>
  close(): Promise<void>
}

/** Starts MariaDB and Redis, creates roles and takes them over: from then on both stores fence what is written. */
export async function openRoleWorld(roleCount: number): Promise<RoleWorld> {
  const servers = await startServers({
    which: ['mysql', 'redis'],
    durable: true,
    appendFsync: 'everysec',
    productionSizes: true,
  })
  try {
    return await openOn(servers, roleCount)
  } catch (error) {
    await servers.close()
    throw error
  }
}

async function openOn(servers: ServerSet<'mysql' | 'redis'>, roleCount: number): Promise<RoleWorld> {
  const { mysql, redis } = servers
  const redisUrl = redis.url
  const mysqlUrl = new URL('/bench', mysql.url).href
  await createMysqlDatabase(mysqlUrl)
  const deps = { clock: systemClock, log: silentLogger, random: Math.random }
  const storage = await openStorage(storageConfigSchema.parse({ mysqlUrl, redisUrl }), {
    ...deps,
    metrics: createMetrics({ service: 'benchmark' }),
  })
  const { roles: rows, stores } = storage
  const ownership = createRoleOwnership({
    owner: 'game-benchmark',
    journal: stores.roleJournal,
    roles: rows,
    isGone: () => false,
    ...deps,
  })
  const raw = new RawRows(mysqlUrl)
  const created = Array.from({ length: roleCount }, (_, index) => newRole(index))
  await rows.saveAll(created)
  const roles: BenchRole[] = []
  const loading = created.values()
  const load = async () => {
    for (const { rid } of loading) {
      const owned = await ownership.take({ rid, epoch: 0 })
      if (owned === undefined) throw new Error(`Role ${rid} could not be taken over.`)
      roles.push(new BenchRole(owned.snapshot))
    }
  }
  await Promise.all(Array.from({ length: loadsParallel }, load))

  const queues: RoleQueue[] = []
  return {
    roles: roles.sort((a, b) => (a.rid < b.rid ? -1 : 1)),
    raw,
    openQueue(config = {}) {
      let flushed = 0
      const saveAll = async (batch: readonly RoleSnapshot[]) => {
        const outcome = await rows.saveAll(batch)
        flushed += batch.length
        return outcome
      }
      const queue = createRoleQueue({
        ...deps,
        journal: stores.roleJournal,
        roles: { saveAll },
        metrics: createMetrics({ service: 'benchmark' }),
        config: roleQueueConfigSchema.parse(config),
      })
      queues.push(queue)
      return Object.assign(queue, { rowsFlushed: () => flushed })
    },
    cpuMicros: () =>
      [process.pid, mysql.pid, redis.pid].reduce<number>((sum, pid) => sum + cpuMicros(pid ?? 0), 0),
    async verify() {
      const versions = await raw.versions()
      for (const { rid, version } of roles) {
        const stored = versions.get(rid)
        if (stored !== version)
          throw new Error(`Role ${rid}: ${version} was acknowledged, the database has ${stored}.`)
      }
      const left = await Promise.all(roles.map(({ rid }) => stores.roleJournal.read(rid)))
      if (left.some((snapshot) => snapshot !== undefined)) throw new Error('Saved roles are not settled.')
    },
    async close() {
      for (const queue of queues) await queue.close()
      await raw.close()
      await storage.close()
      await servers.close()
    },
  }
}
