import type { Service } from '@hydra/protocol'
import { services } from '@hydra/protocol'
import { openCluster, type OpenedCluster, type ServerRecord } from '@hydra/rpc'
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
import { withValues } from '../cluster/decided-settings.ts'
import { settingsOf } from '../cluster/settings.ts'

/** What the registry lists, by service; or why it cannot be read. */
export type RegistryAnswer =
  | { readonly kind: 'listed'; readonly servers: Readonly<Record<Service, readonly ServerRecord[]>> }
  | { readonly kind: 'silent'; readonly reason: string }

const openTimeoutMs = 3_000

/**
 * Connects to the registry of a local cluster as its services do.
 *
 * @throws the reason of a signal after three seconds; HydraError `CONFIG_INVALID`
 */
export async function openRegistry(
  { env, natsUrl = '', etcdUrl = '' }: Pick<ClusterState, 'env' | 'natsUrl' | 'etcdUrl'>,
  root: string,
  environment: Environment,
): Promise<OpenedCluster> {
  const { cluster } = loadConfig({
    file: environment[configFileVariable('game')] ?? join(root, 'data', 'conf', 'gameserver.toml'),
    schema: gameConfigSchema,
    service: 'game',
    env: withValues('game', settingsOf(environment), [
      [['cluster', 'env'], env],
      [['cluster', 'driver'], 'nats-etcd'],
      [['cluster', 'natsServers'], natsUrl],
      [['cluster', 'etcdHosts'], etcdUrl],
    ]),
  })
  return openCluster(cluster, {
    clock: systemClock,
    log: silentLogger,
    metrics: createMetrics({ service: 'status' }),
    random: Math.random,
    signal: AbortSignal.timeout(openTimeoutMs),
  })
}

/** Reads the registry of a cluster as its services do. Never rejects. */
export async function readRegistry(
  state: ClusterState,
  root: string,
  environment: Environment,
): Promise<RegistryAnswer> {
  if (state.natsUrl === undefined || state.etcdUrl === undefined)
    return { kind: 'silent', reason: 'its servers do not run' }
  try {
    const opened = await openRegistry(state, root, environment)
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
    return { kind: 'silent', reason: silenceOf(error) }
  }
}

/** Why {@link openRegistry} has failed, for people. */
export function silenceOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  return error.name === 'TimeoutError' ? `no answer within ${openTimeoutMs} ms` : error.message
}
