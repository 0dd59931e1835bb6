import {
  clusterConfigSchema,
  createMemoryCluster,
  openCluster,
  type ClusterDrivers,
  type Registry,
} from '@hydra/rpc'
import { createMetrics, silentLogger, systemClock } from '@hydra/runtime'

/** Real servers, which other tests use too. */
export interface RealBackends {
  /** Unlike that of any other test. */
  readonly name: string
  readonly natsUrl: string
  readonly etcdUrl: string
  readonly redisUrl: string
}

/** Where the servers of a test meet. */
export interface TestCluster {
  readonly env: string
  /** Drivers for one more server: the same for all in memory, connections of its own on real servers. */
  readonly join: () => Promise<ClusterDrivers>
  /** Resolves when every server that has joined can see this one. */
  readonly seen: (serverId: string) => Promise<void>
  readonly close: () => Promise<void>
}

/** A cluster in memory, or on NATS and etcd. */
export function createTestCluster(real: RealBackends | undefined): TestCluster {
  const env = real?.name ?? 'test'
  const opened: ClusterDrivers[] = []
  const closes: (() => Promise<void>)[] = []
  const shared = real === undefined ? createMemoryCluster() : undefined
  if (shared !== undefined) opened.push(shared)
  return {
    env,
    async join() {
      if (shared !== undefined || real === undefined) return shared ?? createMemoryCluster()
      const config = clusterConfigSchema.parse({
        env,
        natsServers: [real.natsUrl],
        etcdHosts: [real.etcdUrl],
      })
      const cluster = await openCluster(config, {
        clock: systemClock,
        log: silentLogger,
        metrics: createMetrics({ service: 'test' }),
        random: Math.random,
      })
      opened.push(cluster)
      closes.push(() => cluster.close())
      return cluster
    },
    async seen(serverId) {
      await Promise.all(opened.map(({ registry }) => knows(registry, serverId)))
    },
    async close() {
      await Promise.all(closes.splice(0).map((close) => close()))
    },
  }
}

function knows(registry: Registry, serverId: string): Promise<void> {
  if (registry.get(serverId) !== undefined) return Promise.resolve()
  return new Promise((resolve) => {
    const stop = registry.watch(({ kind, server }) => {
      if (server.id !== serverId || kind === 'left') return
      stop()
      resolve()
    })
  })
}
