import type { Service } from '@hydra/protocol'
import { services } from '@hydra/protocol'
import { openCluster, type ServerRecord } from '@hydra/rpc'
import {
  configFileVariable,
  createMetrics,
  loadConfig,
  silentLogger,
  systemClock,
  type Environment,
} from '@hydra/runtime'
import { gameConfigSchema } from '@hydra/game'
import { join } from 'node:path'
import type { ClusterState } from '../cluster/cluster-state.ts'

/** What the registry lists, by service; or why it cannot be read. */
export type RegistryAnswer =
  | { readonly kind: 'listed'; readonly servers: Readonly<Record<Service, readonly ServerRecord[]>> }
  | { readonly kind: 'silent'; readonly reason: string }

const openTimeoutMs = 3_000

/** Reads the registry of a cluster as its services do. Never rejects. */
export async function readRegistry(
  { env, natsUrl, etcdUrl }: ClusterState,
  root: string,
  environment: Environment,
): Promise<RegistryAnswer> {
  if (natsUrl === undefined || etcdUrl === undefined)
    return { kind: 'silent', reason: 'its servers do not run' }
  try {
    const { cluster } = loadConfig({
      file: environment[configFileVariable('game')] ?? join(root, 'data', 'conf', 'gameserver.toml'),
      schema: gameConfigSchema,
      service: 'game',
      env: {
        ...environment,
        HYDRA_CLUSTER_ENV: env,
        HYDRA_CLUSTER_DRIVER: 'nats-etcd',
        HYDRA_CLUSTER_NATS_SERVERS: natsUrl,
        HYDRA_CLUSTER_ETCD_HOSTS: etcdUrl,
      },
    })
    const opened = await openCluster(cluster, {
      clock: systemClock,
      log: silentLogger,
      metrics: createMetrics({ service: 'status' }),
      random: Math.random,
      signal: AbortSignal.timeout(openTimeoutMs),
    })
    try {
      const entries = services.map((service) => [service, opened.registry.list(service)] as const)
      return {
        kind: 'listed',
        servers: Object.fromEntries(entries) as Record<Service, readonly ServerRecord[]>,
      }
    } finally {
      await opened.close()
    }
  } catch (error) {
    const silent = error instanceof Error && error.name === 'TimeoutError'
    return {
      kind: 'silent',
      reason: silent
        ? `no answer within ${openTimeoutMs} ms`
        : error instanceof Error
          ? error.message
          : String(error),
    }
  }
}
