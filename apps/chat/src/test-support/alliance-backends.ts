import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  createMemoryStores,
  createMysqlDatabase,
  dropMysqlDatabase,
  openDatabaseDrivers,
  openStorage,
  storageConfigSchema,
  type StorageDrivers,
} from '@hydra/persistence'
import { createMetrics, silentLogger, systemClock, type Clock } from '@hydra/runtime'

/** Storage that several servers share, each on connections of its own. */
export interface SharedStorage {
  openServer(): Promise<StorageDrivers>
  close(): Promise<void>
}

/** A kind of storage that the model runs on. */
export interface SharedStorageKind {
  readonly name: string
  open(clock: Clock): Promise<SharedStorage>
}

/** SQLite with memory; MySQL with Redis when there are servers. */
export function sharedStorageKinds(options: {
  readonly mysqlUrl?: string
  readonly redisUrl?: string
  readonly uniqueName: (prefix: string) => string
}): readonly SharedStorageKind[] {
  const { mysqlUrl, redisUrl, uniqueName } = options
  const embedded: SharedStorageKind = { name: 'embedded', open: openEmbedded }
  if (mysqlUrl === undefined || redisUrl === undefined) return [embedded]
  return [embedded, { name: 'real', open: () => openReal(mysqlUrl, redisUrl, uniqueName('alliances')) }]
}

const deps = () => ({
  clock: systemClock,
  log: silentLogger,
  metrics: createMetrics({ service: 'test' }),
  random: Math.random,
})

async function openEmbedded(clock: Clock): Promise<SharedStorage> {
  const folder = await mkdtemp(join(tmpdir(), 'hydra-alliances-'))
  const config = storageConfigSchema.parse({
    database: 'sqlite',
    sqliteFile: join(folder, 'hydra.db'),
    stores: 'memory',
  })
  const stores = createMemoryStores({ clock })
  return shared(
    async () => ({ ...(await openDatabaseDrivers(config, deps())), stores }),
    () => rm(folder, { recursive: true }),
  )
}

async function openReal(mysqlUrl: string, redisUrl: string, name: string): Promise<SharedStorage> {
  const url = new URL(mysqlUrl)
  url.pathname = `/${name}`
  await createMysqlDatabase(url.href)
  const config = storageConfigSchema.parse({
    database: 'mysql',
    mysqlUrl: url.href,
    mysqlConnectionsMax: 4,
    stores: 'redis',
    redisUrl,
    keyPrefix: `hydra:${name}:`,
  })
  return shared(
    () => openStorage(config, deps()),
    () => dropMysqlDatabase(url.href),
  )
}

function shared(
  open: () => Promise<StorageDrivers & { close(): Promise<void> }>,
  remove: () => Promise<unknown>,
): SharedStorage {
  const opened: { close(): Promise<void> }[] = []
  return {
    async openServer() {
      const storage = await open()
      opened.push(storage)
      return storage
    },
    async close() {
      for (const storage of opened) await storage.close()
      await remove()
    },
  }
}
