import type { Service } from '@hydra/protocol'
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
  return {
    // What a service announces is for this machine, whose name need not resolve to anything.
    HYDRA_CLUSTER_HOST: '127.0.0.1',
    ...request.settings,
    HYDRA_CLUSTER_ENV: request.env,
    HYDRA_CLUSTER_DRIVER: 'nats-etcd',
    HYDRA_CLUSTER_NATS_SERVERS: urls.nats,
    HYDRA_CLUSTER_ETCD_HOSTS: urls.etcd,
    HYDRA_STORAGE_DATABASE: 'mysql',
    HYDRA_STORAGE_MYSQL_URL: urls.mysql,
    HYDRA_STORAGE_STORES: 'redis',
    HYDRA_STORAGE_REDIS_URL: urls.redis,
    HYDRA_STORAGE_KEY_PREFIX: request.keyPrefix,
    ...listening(service, port, opsPort),
  }
}

function listening(service: Service, port: number | undefined, opsPort: number): Record<string, string> {
  const prefix = `HYDRA_${service.toUpperCase()}`
  return {
    [`${prefix}_OPS_ENABLED`]: 'true',
    [`${prefix}_OPS_HOST`]: '127.0.0.1',
    [`${prefix}_OPS_PORT`]: String(opsPort),
    ...(service === 'gate' || service === 'http'
      ? { [`${prefix}_${service.toUpperCase()}_PORT`]: String(port) }
      : {}),
  }
}
