import {
  createMysqlDatabase,
  dropMysqlDatabase,
  openStorage,
  openStores,
  storageConfigSchema,
  type Closable,
  type StorageDrivers,
  type Stores,
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
  /** Empties all stores, such as a Redis without files that restarts. */
  loseStores(): Promise<void>
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
  return [embedded, { name: 'real', open: () => openReal(urls, uniqueName('chat')) }]
}

/** The services' clock stands still, long before that of the stores: nothing is too old. */
const ages = { chatMessageAgeMaxMs: 1e12, lastSeenMaxMs: 1e12 }

const deps = () => ({
  clock: systemClock,
  log: silentLogger,
  metrics: createMetrics({ service: 'test' }),
  random: Math.random,
})

async function openEmbedded(): Promise<TestBackends> {
  const config = storageConfigSchema.parse({
    database: 'sqlite',
    sqliteFile: ':memory:',
    stores: 'memory',
    ...ages,
  })
  const storage = await openStorage(config, deps())
  const { stores, replace } = replaceable(storage.stores)
  const bus = createMemoryBus()
  const hub = new MemoryRegistryHub()
  return {
    env: 'test',
    storage: { ...storage, stores },
    async loseStores() {
      replace((await openStores(config, deps())).stores)
    },
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
    ...ages,
  })
  const storage = await openStorage(config, deps())
  const { stores, replace } = replaceable(storage.stores)
  const emptied: Closable[] = []
  const cluster = clusterConfigSchema.parse({ env, natsServers: [urls.natsUrl], etcdHosts: [urls.etcdUrl] })
  return {
    env,
    storage: { ...storage, stores },
    async loseStores() {
      const opened = await openStores(
        { ...config, keyPrefix: `${config.keyPrefix}${emptied.length}:` },
        deps(),
      )
      emptied.push(opened)
      replace(opened.stores)
    },
    openCluster: () => openCluster(cluster, deps()),
    async close() {
      for (const opened of emptied) await opened.close()
      await storage.close()
      await dropMysqlDatabase(mysqlUrl.href)
    },
  }
}

/** Stores that others can take the place of while servers use them. */
function replaceable(first: Stores): { readonly stores: Stores; replace(others: Stores): void } {
  let current = first
  const through = <Name extends keyof Stores>(name: Name): Stores[Name] =>
    new Proxy(first[name], {
      get: (_first, method) => {
        const value: unknown = Reflect.get(current[name], method)
        return typeof value === 'function' ? value.bind(current[name]) : value
      },
    })
  const names = Object.keys(first) as (keyof Stores)[]
  // The type of each store goes with its name, which entries cannot express.
  const stores = Object.fromEntries(names.map((name) => [name, through(name)])) as unknown as Stores
  return { stores, replace: (others) => (current = others) }
}
