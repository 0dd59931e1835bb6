import { mkdtemp, rm, symlink } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { openDatabaseDrivers, storageConfigSchema } from '@hydra/persistence'
import { services, type Service } from '@hydra/protocol'
import { clusterConfigSchema, openCluster } from '@hydra/rpc'
import { createIds, createMetrics, silentLogger, systemClock } from '@hydra/runtime'
import { dirVariable, freePorts, testBackends, uniqueName } from '@hydra/testing'
import mysql from 'mysql2/promise'
import { buildService } from '../build/build-service.ts'
import { watchRoles, type RoleWatch } from '../demo/watch-roles.ts'
import { startService, type ServiceProcess } from './service-process.ts'

/** The backends of a real cluster. */
export interface Backends {
  readonly mysqlUrl: string
  readonly redisUrl: string
  readonly natsUrl: string
  readonly etcdUrl: string
}

/** A cluster of separate processes under a name of its own, on backends that others use too. */
export interface RealCluster {
  readonly env: string
  readonly keyPrefix: string
  readonly mysqlUrl: string
  readonly httpUrl: string
  /** Starts one more process of a service and waits until it is ready. */
  start(service: Service, env?: Readonly<Record<string, string>>): Promise<ServiceProcess>
  /** Every process that was started, the ended ones included. */
  readonly processes: readonly ServiceProcess[]
  /** Kills what still runs and removes bundles and database. */
  remove(): Promise<void>
}

/** The backends to play on: one entry, or none when the real ones are left out. */
export function realBackends(): { name: string; backends: Backends }[] {
  const { mysqlUrl, redisUrl, natsUrl, etcdUrl } = testBackends()
  if (mysqlUrl === undefined || redisUrl === undefined || natsUrl === undefined || etcdUrl === undefined)
    return []
  return [{ name: 'NATS, etcd, Redis and MariaDB', backends: { mysqlUrl, redisUrl, natsUrl, etcdUrl } }]
}

const nodeModules = fileURLToPath(new URL('../../../node_modules', import.meta.url))

/** Builds the four bundles, makes a database, and prepares the environment of the processes. Starts none of them. */
export async function createRealCluster(
  backends: Backends,
  settings: Readonly<Record<string, string>>,
): Promise<RealCluster> {
  const env = uniqueName('e2e')
  const keyPrefix = `hydra:${env}:`
  const folder = await mkdtemp(join(process.env[dirVariable] ?? tmpdir(), 'e2e-'))
  // What a bundle leaves outside is found beside it, as after an installation of its own package.json.
  await symlink(nodeModules, join(folder, 'node_modules'), 'dir')
  const mains = new Map<Service, string>()
  for (const service of services) {
    mains.set(service, (await buildService({ service, outDir: join(folder, service) })).main)
  }
  const database = await createDatabase(backends.mysqlUrl, env)
  const [httpPort = 0, gatePort = 0] = await freePorts(2)
  const processes: ServiceProcess[] = []
  const shared = {
    HYDRA_CLUSTER_ENV: env,
    HYDRA_CLUSTER_HOST: '127.0.0.1',
    HYDRA_CLUSTER_NATS_SERVERS: backends.natsUrl,
    HYDRA_CLUSTER_ETCD_HOSTS: backends.etcdUrl,
    HYDRA_STORAGE_MYSQL_URL: database.url,
    HYDRA_STORAGE_REDIS_URL: backends.redisUrl,
    HYDRA_STORAGE_KEY_PREFIX: keyPrefix,
    HYDRA_OPS_PORT: '0',
    HYDRA_HTTP_HTTP_PORT: String(httpPort),
    ...settings,
  }
  return {
    env,
    keyPrefix,
    mysqlUrl: database.url,
    httpUrl: `http://127.0.0.1:${httpPort}`,
    processes,
    async start(service, extra = {}) {
      const main = mains.get(service)
      if (main === undefined) throw new Error(`${service} was not built.`)
      const own = service === 'gate' ? { HYDRA_GATE_GATE_PORT: String(gatePort) } : {}
      const started = startService(service, main, { ...shared, ...own, ...extra })
      processes.push(started)
      await started.ready
      return started
    },
    async remove() {
      await Promise.all(processes.map((each) => each.end('SIGKILL')))
      await database.drop()
      await rm(folder, { recursive: true, force: true })
    },
  }
}

async function createDatabase(serverUrl: string, name: string) {
  const run = async (statement: string) => {
    const connection = await mysql.createConnection(serverUrl)
    try {
      await connection.query(statement)
    } finally {
      await connection.end()
    }
  }
  await run(`create database \`${name}\` character set utf8mb4 collate utf8mb4_bin`)
  const url = new URL(serverUrl)
  url.pathname = `/${name}`
  return { url: url.href, drop: () => run(`drop database \`${name}\``) }
}

/** Looks into a cluster from the side: what its services publish, and the database. */
export async function watchCluster({ env, mysqlUrl }: RealCluster, backends: Backends): Promise<RoleWatch> {
  const deps = {
    clock: systemClock,
    ids: createIds(systemClock),
    log: silentLogger,
    metrics: createMetrics({ service: 'e2e' }),
    random: Math.random,
  }
  const storage = await openDatabaseDrivers(storageConfigSchema.parse({ mysqlUrl }), deps)
  const cluster = await openCluster(
    clusterConfigSchema.parse({ env, natsServers: [backends.natsUrl], etcdHosts: [backends.etcdUrl] }),
    deps,
  )
  const watch = await watchRoles({ cluster, storage }, systemClock, env)
  return {
    roleSaved: watch.roleSaved,
    async stop() {
      await watch.stop()
      await cluster.close()
      await storage.close()
    },
  }
}
