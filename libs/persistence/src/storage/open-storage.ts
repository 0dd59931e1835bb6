import type { Metrics } from '@hydra/runtime'
import type { Database } from '../database/database.ts'
import { openDatabase } from '../database/open-database.ts'
import { migrate } from '../migrations/migrate.ts'
import { createAccounts } from '../repositories/sql-accounts.ts'
import { createAlliances } from '../repositories/sql-alliances.ts'
import { createChatArchive } from '../repositories/sql-chat-archive.ts'
import { createRoles } from '../repositories/sql-roles.ts'
import { createStorageObjects } from '../repositories/sql-storage-objects.ts'
import { createMemoryStores } from '../stores/create-memory-stores.ts'
import { createRedisStores } from '../stores/create-redis-stores.ts'
import { RedisLink } from '../stores/redis-link.ts'
import { connectWithRetry, type OpenStorageDeps } from './connect-with-retry.ts'
import { databaseConfigOf, type StorageConfig } from './storage-config.ts'
import { redisTlsOf } from './storage-tls.ts'
import type { DatabaseDrivers, StorageDrivers, StoreDrivers } from './storage-drivers.ts'

/** What to close when the service stops. */
export interface Closable {
  /** Finishes what is under way (bounded) and disconnects; later calls do nothing. */
  close(): Promise<void>
}

/** What opening storage needs; see the parts. */
export type StorageDeps = OpenStorageDeps & { readonly metrics: Metrics }

/**
 * Opens the database of a service and brings its tables up to date, under a lock. Waits for it however long it takes.
 *
 * @throws HydraError `INTERNAL` when a migration failed; `CONFIG_INVALID` when the files for TLS cannot be used; the signal's reason when that aborted.
 * @example const { accounts, close } = await openDatabaseDrivers(config.storage, { clock, log, metrics, random: Math.random })
 */
export async function openDatabaseDrivers(
  config: StorageConfig,
  deps: StorageDeps,
): Promise<DatabaseDrivers & Closable> {
  const { clock, log, metrics } = deps
  const connect = async (): Promise<Database> => {
    const database = openDatabase(databaseConfigOf(config), { clock, metrics })
    try {
      await database.ping()
      const ran = config.migrate ? await migrate(database) : []
      if (ran.length > 0) log.info({ database: database.address, ran }, 'migrations ran')
      return database
    } catch (error) {
      await database.close()
      throw error
    }
  }
  const { backend: database, forget } = await connectWithRetry(
    { name: config.database, connect, check: (database) => database.ping() },
    config,
    deps,
  )
  return {
    database,
    accounts: createAccounts(database),
    roles: createRoles(database, { clock }),
    objects: createStorageObjects(database, { clock, objectsPerRoleMax: config.objectsPerRoleMax }),
    alliances: createAlliances(database, { clock, logMax: config.allianceLogMax }),
    chatArchive: createChatArchive(database),
    close() {
      forget()
      return database.close()
    },
  }
}

/**
 * Opens the stores of a service. Waits for Redis however long it takes.
 *
 * @throws the signal's reason when that aborted; HydraError `CONFIG_INVALID` when the files for TLS cannot be used.
 * @example const { stores, close } = await openStores(config.storage, { clock, log, metrics, random: Math.random })
 */
export async function openStores(config: StorageConfig, deps: StorageDeps): Promise<StoreDrivers & Closable> {
  const { clock, log, metrics, random } = deps
  if (config.stores === 'memory')
    return { stores: createMemoryStores({ clock }, config), close: async () => {} }
  const link = new RedisLink(
    {
      url: config.redisUrl,
      tls: redisTlsOf(config),
      connectTimeoutMs: config.redisConnectTimeoutMs,
      commandTimeoutMs: config.redisCommandTimeoutMs,
      retryMinMs: config.retryMinMs,
      retryMaxMs: config.retryMaxMs,
    },
    { clock, log, metrics, random },
  )
  try {
    const { forget } = await connectWithRetry(
      { name: 'redis', connect: () => link.ping(), check: () => link.ping() },
      config,
      deps,
    )
    return {
      stores: createRedisStores(link, config.keyPrefix, { clock }, config),
      close() {
        forget()
        return link.close()
      },
    }
  } catch (error) {
    await link.close()
    throw error
  }
}

/**
 * Opens database and stores, both at once; see {@link openDatabaseDrivers} and {@link openStores}.
 *
 * @example
 * const storage = await openStorage(config.storage, { clock, log, metrics, readiness, random: Math.random })
 * await storage.close()
 */
export async function openStorage(
  config: StorageConfig,
  deps: StorageDeps,
): Promise<StorageDrivers & Closable> {
  // When one fails for good, the other must not wait for its backend any longer.
  const failed = new AbortController()
  const signal = deps.signal === undefined ? failed.signal : AbortSignal.any([deps.signal, failed.signal])
  const orAbort = async <T>(opening: Promise<T>): Promise<T> => {
    try {
      return await opening
    } catch (error) {
      failed.abort(error)
      throw error
    }
  }
  const [database, stores] = await Promise.allSettled([
    orAbort(openDatabaseDrivers(config, { ...deps, signal })),
    orAbort(openStores(config, { ...deps, signal })),
  ])
  if (database.status === 'fulfilled' && stores.status === 'fulfilled') {
    const parts = [stores.value, database.value]
    return {
      ...database.value,
      stores: stores.value.stores,
      close: async () => void (await Promise.all(parts.map((part) => part.close()))),
    }
  }
  for (const part of [stores, database]) if (part.status === 'fulfilled') await part.value.close()
  throw failed.signal.reason
}
