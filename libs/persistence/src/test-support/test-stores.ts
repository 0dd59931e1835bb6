import { createMetrics, ManualClock, silentLogger, systemClock } from '@hydra/runtime'
import { createMemoryStores } from '../stores/create-memory-stores.ts'
import { createRedisStores } from '../stores/create-redis-stores.ts'
import { RedisLink } from '../stores/redis-link.ts'
import type { StoreLimits, Stores } from '../stores/stores.ts'

/** Stores that nobody else uses. */
export interface TestStores {
  readonly stores: Stores
  /** What they go by. */
  readonly clock: ManualClock
  /** The same stores as another server sees them: through a connection of its own, where there is one. */
  another(): Promise<Stores>
  /** Loses everything, as a store without persistence does when it restarts, and answers what is there afterwards. */
  lose(): Promise<Stores>
  /** How many keys or records there are, where that can be told. */
  count(): Promise<number>
  close(): Promise<void>
}

/** A driver that tests run on. */
export interface TestStoresDriver {
  readonly driver: 'memory' | 'redis'
  open(limits?: StoreLimits): Promise<TestStores>
}

/** Memory, and Redis when there is a server. */
export function testStores(options: {
  readonly redisUrl?: string
  readonly uniqueName: (prefix: string) => string
}): readonly TestStoresDriver[] {
  const { redisUrl, uniqueName } = options
  const memory: TestStoresDriver = { driver: 'memory', open: openMemory }
  if (redisUrl === undefined) return [memory]
  return [
    memory,
    { driver: 'redis', open: (limits) => openRedis(redisUrl, `${uniqueName('persistence')}:`, limits) },
  ]
}

async function openMemory(limits: StoreLimits = {}): Promise<TestStores> {
  const clock = new ManualClock()
  const stores = createMemoryStores({ clock }, limits)
  return {
    stores,
    clock,
    another: async () => stores,
    async lose() {
      clock.advance(1)
      return createMemoryStores({ clock }, limits)
    },
    count: async () => 0,
    close: async () => {},
  }
}

async function openRedis(url: string, prefix: string, limits: StoreLimits = {}): Promise<TestStores> {
  const clock = new ManualClock()
  const links: RedisLink[] = []
  const connect = async () => {
    const link = testRedisLink(url)
    links.push(link)
    await link.ping()
    return link
  }
  const link = await connect()
  const keys = () => link.run((redis) => redis.keys(`${prefix}*`))
  const clear = async () => {
    const found = await keys()
    if (found.length > 0) await link.run((redis) => redis.del(found))
  }
  const stores = createRedisStores(link, prefix, { clock }, limits)
  return {
    stores,
    clock,
    another: async () => createRedisStores(await connect(), prefix, { clock }, limits),
    async lose() {
      await clear()
      return stores
    },
    count: async () => (await keys()).length,
    async close() {
      await clear()
      await Promise.all(links.map((opened) => opened.close()))
    },
  }
}

/** A connection with the bounds of the defaults. */
export function testRedisLink(url: string, options: { readonly commandTimeoutMs?: number } = {}): RedisLink {
  return new RedisLink(
    {
      url,
      connectTimeoutMs: 2_000,
      commandTimeoutMs: options.commandTimeoutMs ?? 5_000,
      retryMinMs: 10,
      retryMaxMs: 100,
    },
    {
      clock: systemClock,
      log: silentLogger,
      metrics: createMetrics({ service: 'test' }),
      random: Math.random,
    },
  )
}
