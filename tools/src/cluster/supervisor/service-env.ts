import type { Service } from '@hydra/protocol'
import { variableValue } from '@hydra/runtime'
import { withValues } from '../decided-settings.ts'
import type { UpRequest } from '../messages.ts'

/** Where the servers are. */
export interface BackendUrls {
  readonly mysql: string
  readonly redis: string
  readonly nats: string
  readonly etcd: string
}

/** What a service process is told by its environment. */
export interface ServiceEnvOptions {
  readonly service: Service
  readonly urls: BackendUrls
  readonly request: Pick<UpRequest, 'env' | 'keyPrefix' | 'settings'>
  /** Where clients reach it: gates and http. */
  readonly port: number | undefined
  readonly opsPort: number
}

/**
 * The variables of one service process. What the cluster needs comes after what the person at the terminal has set, so
 * that two processes never get one port.
 */
export function serviceEnv({
  service,
  urls,
  request,
  port,
  opsPort,
}: ServiceEnvOptions): Record<string, string> {
  // What a service announces is for this machine, whose name need not resolve to anything.
  const host = variableValue(service, ['cluster', 'host'], request.settings)?.text ?? '127.0.0.1'
  return withValues(service, request.settings, [
    [['cluster', 'host'], host],
    [['cluster', 'env'], request.env],
    [['cluster', 'driver'], 'nats-etcd'],
    [['cluster', 'natsServers'], urls.nats],
    [['cluster', 'etcdHosts'], urls.etcd],
    [['storage', 'database'], 'mysql'],
    [['storage', 'mysqlUrl'], urls.mysql],
    [['storage', 'stores'], 'redis'],
    [['storage', 'redisUrl'], urls.redis],
    [['storage', 'keyPrefix'], request.keyPrefix],
    [['ops', 'enabled'], 'true'],
    [['ops', 'host'], '127.0.0.1'],
    [['ops', 'port'], String(opsPort)],
    ...(port === undefined ? [] : [[[service, 'port'], String(port)] as const]),
  ])
}
