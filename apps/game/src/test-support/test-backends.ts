import {
  createMysqlDatabase,
  dropMysqlDatabase,
  openStorage,
  storageConfigSchema,
  type StorageDrivers,
} from '@hydra/persistence'
import {
  clusterConfigSchema,
  createMemoryBus,
  createMemoryRegistry,
  MemoryRegistryHub,
  openCluster,
  type ClusterDrivers,
} from '@hydra/rpc'
import { createMetrics, silentLogger, systemClock } from '@hydra/runtime'

/** The backends of one test, with a name of their own on whatever they share with others. */
export interface TestBackends {
  readonly env: string
  readonly storage: StorageDrivers
  /** The drivers of one more process of the cluster; closing them is the death of that process to all others. */
  openCluster(): Promise<ClusterDrivers & { close(): Promise<void> }>
  /** Closes everything and removes what was stored. */
  close(): Promise<void>
}

/** A kind of backends that tests run on. */
export interface TestBackendsKind {
  readonly name: string
  open(): Promise<TestBackends>
}

/** The embedded backends, and the real ones when all their servers are given. */
export function testBackendsKinds(options: {
  readonly mysqlUrl?: string
  readonly redisUrl?: string
  readonly natsUrl?: string
  readonly etcdUrl?: string
  readonly uniqueName: (prefix: string) => string
}): readonly TestBackendsKind[] {
  const { mysqlUrl, redisUrl, natsUrl, etcdUrl, uniqueName } = options
  const embedded: TestBackendsKind = { name: 'embedded', open: openEmbedded }
  if (mysqlUrl === undefined || redisUrl === undefined || natsUrl === undefined || etcdUrl === undefined) {
    return [embedded]
  }
  const urls = { mysqlUrl, redisUrl, natsUrl, etcdUrl }
  return [embedded, { name: 'real', open: () => openReal(urls, uniqueName('game')) }]
}

const deps = () => ({
  clock: systemClock,
  log: silentLogger,
  metrics: createMetrics({ service: 'test' }),
  random: Math.random,
})

async function openEmbedded(): Promise<TestBackends> {
  const config = storageConfigSchema.parse({ database: 'sqlite', sqliteFile: ':memory:', stores: 'memory' })
  const storage = await openStorage(config, deps())
  const bus = createMemoryBus()
  const hub = new MemoryRegistryHub()
  return {
    env: 'test',
    storage,
    openCluster() {
      const registry = createMemoryRegistry({ hub })
      return Promise.resolve({ bus, registry, close: () => registry.close() })
    },
    async close() {
      await bus.close()
      await storage.close()
    },
  }
}

async function openReal(
  urls: Readonly<Record<'mysqlUrl' | 'redisUrl' | 'natsUrl' | 'etcdUrl', string>>,
  env: string,
): Promise<TestBackends> {
  const mysqlUrl = new URL(urls.mysqlUrl)
  mysqlUrl.pathname = `/${env}`
  await createMysqlDatabase(mysqlUrl.href)
  const config = storageConfigSchema.parse({
    database: 'mysql',
    mysqlUrl: mysqlUrl.href,
    stores: 'redis',
    redisUrl: urls.redisUrl,
    keyPrefix: `hydra:${env}:`,
  })
  const storage = await openStorage(config, deps())
  const cluster = clusterConfigSchema.parse({ env, natsServers: [urls.natsUrl], etcdHosts: [urls.etcdUrl] })
  return {
    env,
    storage,
    openCluster: () => openCluster(cluster, deps()),
    async close() {
      await storage.close()
      await dropMysqlDatabase(mysqlUrl.href)
    },
  }
}
