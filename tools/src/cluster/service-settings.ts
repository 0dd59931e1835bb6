import { join } from 'node:path'
import { chatConfigSchema } from '@hydra/chat'
import { gameConfigSchema } from '@hydra/game'
import { gateConfigSchema } from '@hydra/gate'
import { httpConfigSchema } from '@hydra/http'
import type { StorageConfig } from '@hydra/persistence'
import type { ClusterConfig } from '@hydra/rpc'
import { configFileVariable, loadConfig, type Environment } from '@hydra/runtime'
import { serverKinds, type ServerKind } from '@hydra/testing'
import type { z } from 'zod'
import { refuseSingleSettings } from './decided-settings.ts'
import type { UpRequest } from './messages.ts'

/** What a cluster takes from the configuration of its services. */
export type ServiceSettings = Pick<UpRequest, 'ports' | 'tls' | 'stopTimeoutMs'> & {
  /** Servers that must speak TLS by what the configuration says beside their urls. */
  readonly tlsServers: readonly ServerKind[]
}

/**
 * Reads the configuration of all four services as they will, so that a mistake shows before anything is started.
 *
 * @throws HydraError `CONFIG_INVALID`; ClusterError for what a local cluster cannot be told
 */
export function readServiceSettings(root: string, env: Environment): ServiceSettings {
  refuseSingleSettings(env)
  const load = <S extends z.ZodType>(service: string, schema: S): z.output<S> =>
    loadConfig({
      file: env[configFileVariable(service)] ?? join(root, 'data', 'conf', `${service}server.toml`),
      schema,
      service,
      env,
    })
  const gate = load('gate', gateConfigSchema)
  const http = load('http', httpConfigSchema)
  const game = load('game', gameConfigSchema)
  const chat = load('chat', chatConfigSchema)
  return {
    // 0 is "any" to a service; here each process has to be found again.
    ports: {
      gate: gate.gate.port || 3_250,
      http: http.http.port || 9_001,
      ops: {
        gate: gate.ops.port || 9_101,
        game: game.ops.port || 9_102,
        chat: chat.ops.port || 9_103,
        http: http.ops.port || 9_104,
      },
    },
    tls: {
      gate: gate.gate.tlsCertFile !== undefined,
      http: http.http.tlsCertFile !== undefined,
    },
    tlsServers: serverKinds.filter((kind) => [gate, http, game, chat].some((each) => wantsTls(each)[kind])),
    stopTimeoutMs: Math.max(...[gate, http, game, chat].map(({ service }) => service.stopTimeoutMs)),
  }
}

function wantsTls({
  storage,
  cluster,
}: {
  readonly storage: StorageConfig
  readonly cluster: ClusterConfig
}): Readonly<Record<ServerKind, boolean>> {
  const isNamed = (...files: readonly (string | undefined)[]): boolean =>
    files.some((file) => file !== undefined)
  const { mysqlTls, mysqlCaFile, mysqlCertFile, mysqlKeyFile } = storage
  const { natsTls, natsCaFile, natsCertFile, natsKeyFile } = cluster
  return {
    mysql: mysqlTls || isNamed(mysqlCaFile, mysqlCertFile, mysqlKeyFile),
    redis: isNamed(storage.redisCaFile, storage.redisCertFile, storage.redisKeyFile),
    nats: natsTls || isNamed(natsCaFile, natsCertFile, natsKeyFile),
    etcd: isNamed(cluster.etcdCaFile, cluster.etcdCertFile, cluster.etcdKeyFile),
  }
}
