import type { Service } from '@hydra/protocol'
import { freePorts, startServers, type Reaper, type ServerKind, type ServerSet } from '@hydra/testing'
import { createRealCluster, type RealCluster } from '../e2e/real-cluster.ts'
import type { ServiceProcess } from '../e2e/service-process.ts'

/** The kinds of processes that are killed. */
export const victimKinds = ['game', 'gate', 'chat', 'nats', 'etcd', 'mysql', 'redis'] as const
/** One of {@link victimKinds}. */
export type VictimKind = (typeof victimKinds)[number]

/** One process that can be killed, and started again as it was. */
export interface Victim {
  /** `game-2`, `redis` … */
  readonly name: string
  /** SIGKILL; resolves when the process is gone. */
  kill(): Promise<void>
  /** Resolves when it says that it is ready. */
  restart(): Promise<void>
}

/** Services and servers of their own, all as processes, and all of them mortal but http. */
export interface World {
  readonly cluster: RealCluster
  readonly gateUrls: readonly string[]
  readonly redisUrl: string
  readonly victims: Readonly<Record<VictimKind, readonly Victim[]>>
  close(): Promise<void>
}

/** Bound of a client's request at the gate. */
export const requestTimeoutMs = 2_000

const settings: Readonly<Record<string, string>> = {
  // The shortest there is: until it is over, the roles of a game server that was killed belong to nobody else.
  HYDRA_CLUSTER_LEASE_TTL_SECONDS: '1',
  HYDRA_GATE_GATE_REQUEST_TIMEOUT_MS: String(requestTimeoutMs),
  HYDRA_GAME_ROLE_GRACE_MS: '2000',
  HYDRA_CHAT_RATES_WORLD_BURST: '100000',
  HYDRA_CHAT_RATES_WORLD_PER_MINUTE: '1000000',
  // All players come from one address, and register within seconds.
  HYDRA_GATE_LIMITS_MAX_CONNECTIONS_PER_IP: '10000',
  HYDRA_HTTP_ATTEMPTS_ENABLED: 'false',
  HYDRA_HTTP_PASSWORD_COST_LOG2: '10',
  // Longer than any run.
  HYDRA_HTTP_TOKEN_TTL_SECONDS: '86400',
}

/**
 * Starts the world: durable servers (Redis with `appendfsync always`, MariaDB and etcd that sync each commit), two
 * gates, two game servers, chat and http.
 *
 * @throws TestServerError, Error with the output of a service that did not start.
 */
export async function createWorld(reaper?: Reaper): Promise<World> {
  const servers = await startServers({
    which: ['mysql', 'redis', 'nats', 'etcd'],
    durable: true,
    ...(reaper === undefined ? {} : { reaper }),
  })
  try {
    return await startServices(servers)
  } catch (error) {
    await servers.close()
    throw error
  }
}

async function startServices(servers: ServerSet<ServerKind>): Promise<World> {
  const cluster = await createRealCluster(
    {
      mysqlUrl: servers.mysql.url,
      redisUrl: servers.redis.url,
      natsUrl: servers.nats.url,
      etcdUrl: servers.etcd.url,
    },
    settings,
  )
  const gatePorts = await freePorts(2)
  const service = (kind: Service, name: string, env: Readonly<Record<string, string>> = {}) =>
    new ServiceVictim(name, () => cluster.start(kind, env))
  const services = {
    game: [service('game', 'game-1'), service('game', 'game-2')],
    gate: gatePorts.map((port, index) =>
      service('gate', `gate-${index + 1}`, { HYDRA_GATE_GATE_PORT: String(port) }),
    ),
    chat: [service('chat', 'chat')],
  }
  try {
    const mortal = Object.values(services).flat()
    await Promise.all([cluster.start('http'), ...mortal.map((each) => each.restart())])
  } catch (error) {
    await cluster.remove()
    throw error
  }
  const server = (kind: ServerKind): Victim[] => [
    { name: kind, kill: () => servers[kind].kill(), restart: () => servers[kind].restart() },
  ]
  return {
    cluster,
    gateUrls: gatePorts.map((port) => `ws://127.0.0.1:${port}`),
    redisUrl: servers.redis.url,
    victims: {
      ...services,
      nats: server('nats'),
      etcd: server('etcd'),
      mysql: server('mysql'),
      redis: server('redis'),
    },
    async close() {
      await cluster.remove()
      await servers.close()
    },
  }
}

/** A service in its present process. */
class ServiceVictim implements Victim {
  readonly name: string
  readonly #start: () => Promise<ServiceProcess>
  #process: ServiceProcess | undefined

  constructor(name: string, start: () => Promise<ServiceProcess>) {
    this.name = name
    this.#start = start
  }

  async kill(): Promise<void> {
    await this.#process?.end('SIGKILL')
  }

  async restart(): Promise<void> {
    this.#process = await this.#start()
  }
}
