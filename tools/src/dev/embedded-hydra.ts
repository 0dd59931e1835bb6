import { join } from 'node:path'
import { chatConfigSchema, createChatApp } from '@hydra/chat'
import { createGameApp, gameConfigSchema, loadTables } from '@hydra/game'
import { createGateApp, gateConfigSchema } from '@hydra/gate'
import { createHttpApp, httpConfigSchema } from '@hydra/http'
import {
  createAccounts,
  createAlliances,
  createChatArchive,
  createMemoryStores,
  createRoles,
  createStorageObjects,
  migrate,
  openDatabase,
  type StorageDrivers,
} from '@hydra/persistence'
import type { Service } from '@hydra/protocol'
import { createMemoryCluster, type ClusterDrivers } from '@hydra/rpc'
import {
  configuredPath,
  createIds,
  createMetrics,
  Lifecycle,
  loadConfig,
  openTracer,
  type Clock,
  type Logger,
  type Metrics,
} from '@hydra/runtime'

/** Where to find configuration and keep data. */
export interface EmbeddedHydraOptions {
  /** Folder of the four TOML files; their driver names are not used here. */
  readonly confDir: string
  /** The database. What the memory stores hold is gone when the process ends. */
  readonly sqliteFile: string
  readonly env: Readonly<Record<string, string | undefined>>
  readonly clock: Clock
  readonly log: Logger
}

/** All four services, running. */
export interface EmbeddedHydra {
  readonly httpUrl: string
  readonly gateUrl: string
  /** Name of the cluster. */
  readonly env: string
  /** The drivers that the services share, for whoever plays or checks something in this process. */
  readonly cluster: ClusterDrivers
  readonly storage: StorageDrivers
  /** What each service measures; those of gate, game and chat are not served. */
  readonly metrics: Readonly<Record<Service, Metrics>>
  /** Drains and stops everything in reverse order: every role is saved first. */
  stop(): Promise<void>
}

/**
 * Composes the four services in one process on one set of embedded drivers.
 *
 * @throws HydraError `CONFIG_INVALID`, `STORAGE_UNAVAILABLE`; an Error with `code: 'EADDRINUSE'` when a port is taken.
 * @example const hydra = await startEmbeddedHydra({ confDir: 'data/conf', sqliteFile: '.hydra/hydra.sqlite', … })
 */
export async function startEmbeddedHydra(options: EmbeddedHydraOptions): Promise<EmbeddedHydra> {
  const { confDir, sqliteFile, clock, log } = options
  // Whoever plays here is on this machine, whose name need not resolve to anything.
  const env = { HYDRA_CLUSTER_HOST: '127.0.0.1', ...options.env }
  const conf = {
    chat: loadConfig({
      file: join(confDir, 'chatserver.toml'),
      schema: chatConfigSchema,
      service: 'chat',
      env,
    }),
    game: loadConfig({
      file: join(confDir, 'gameserver.toml'),
      schema: gameConfigSchema,
      service: 'game',
      env,
    }),
    gate: loadConfig({
      file: join(confDir, 'gateserver.toml'),
      schema: gateConfigSchema,
      service: 'gate',
      env,
    }),
    http: loadConfig({
      file: join(confDir, 'httpserver.toml'),
      schema: httpConfigSchema,
      service: 'http',
      env,
    }),
  }
  const tables = loadTables(configuredPath(import.meta.url, conf.game.tables.directory))
  const lifecycle = new Lifecycle(log)
  const storage = await lifecycle.start(
    'storage',
    () => openEmbeddedStorage(sqliteFile, clock),
    ({ database }) => database.close(),
  )
  const cluster = await lifecycle.start(
    'cluster',
    () => createMemoryCluster({ log }),
    async ({ bus, registry }) => {
      await registry.close()
      await bus.close()
    },
  )
  const ids = createIds(clock)
  const metrics: Record<Service, Metrics> = {
    gate: createMetrics({ service: 'gate' }),
    http: createMetrics({ service: 'http' }),
    game: createMetrics({ service: 'game' }),
    chat: createMetrics({ service: 'chat' }),
  }
  const partsOf = async (service: Service) => {
    const deps = { clock, log: log.child({ service }), metrics: metrics[service] }
    const tracer = await lifecycle.start(
      `tracing of ${service}`,
      () => openTracer(conf[service].tracing, { ...deps, service, random: Math.random }),
      (part) => part.close(),
    )
    return { ...deps, cluster, storage, ids, tracer }
  }
  // Backends before frontends, so that the first client finds everything; stopping goes the other way.
  const chat = createChatApp({ config: conf.chat, ...(await partsOf('chat')) })
  await lifecycle.start(
    'chat',
    () => chat.start(),
    () => chat.stop(),
  )
  const game = createGameApp({ config: conf.game, tables, ...(await partsOf('game')) })
  await lifecycle.start(
    'game',
    () => game.start(),
    () => game.stop(),
  )
  const gate = createGateApp({ config: conf.gate, ...(await partsOf('gate')) })
  const gateAddress = await lifecycle.start(
    'gate',
    () => gate.start(),
    () => gate.stop(),
  )
  const http = createHttpApp({ config: conf.http, ...(await partsOf('http')) })
  const httpAddress = await lifecycle.start(
    'http',
    () => http.start(),
    () => http.stop(),
  )

  return {
    httpUrl: `http://${reachable(httpAddress.host)}:${httpAddress.port}`,
    gateUrl: `ws://${reachable(gateAddress.host)}:${gateAddress.port}`,
    env: conf.game.cluster.env,
    cluster,
    storage,
    metrics,
    stop: () => lifecycle.stop(),
  }
}

/** A file that cannot be opened now will not open by itself later, so nothing is tried again here. */
async function openEmbeddedStorage(file: string, clock: Clock): Promise<StorageDrivers> {
  const database = openDatabase({ kind: 'sqlite', file }, { clock })
  await migrate(database)
  return {
    database,
    accounts: createAccounts(database),
    roles: createRoles(database, { clock }),
    objects: createStorageObjects(database, { clock }),
    chatArchive: createChatArchive(database),
    alliances: createAlliances(database, { clock }),
    stores: createMemoryStores({ clock }),
  }
}

/** A server that listens on all addresses is reached through this machine's own. */
const reachable = (host: string) => (host === '0.0.0.0' || host === '::' ? '127.0.0.1' : host)
