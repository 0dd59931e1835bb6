import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { chatConfigSchema } from '@hydra/chat'
import { gameConfigSchema } from '@hydra/game'
import { gateConfigSchema } from '@hydra/gate'
import { httpConfigSchema } from '@hydra/http'
import { loadConfig, variablesOf } from '@hydra/runtime'
import { describe, expect, test } from 'vitest'
import type { z } from 'zod'
import { serviceEnv } from './service-env.ts'

const urls = {
  mysql: 'mysql://db/hydra',
  redis: 'redis://cache',
  nats: 'nats://bus',
  etcd: 'http://etcd:2379',
}
const request = { env: 'local-1', keyPrefix: 'hydra:local-1:', settings: { HYDRA_LOG_LEVEL: 'debug' } }

const schemas = {
  chat: chatConfigSchema,
  game: gameConfigSchema,
  gate: gateConfigSchema,
  http: httpConfigSchema,
}
const conf = fileURLToPath(new URL('../../../../data/conf/', import.meta.url))
/** As the service reads it. */
const load = <S extends z.ZodType>(service: string, schema: S, env: Readonly<Record<string, string>>) =>
  loadConfig({ file: `${conf}${service}server.toml`, schema, service, env })

describe('the environment of a service', () => {
  test('has its servers, its ports and what the person has set', () => {
    expect(serviceEnv({ service: 'gate', urls, request, port: 3_250, opsPort: 9_101 })).toMatchObject({
      HYDRA_LOG_LEVEL: 'debug',
      HYDRA_CLUSTER_ENV: 'local-1',
      HYDRA_CLUSTER_HOST: '127.0.0.1',
      HYDRA_CLUSTER_NATS_SERVERS: 'nats://bus',
      HYDRA_STORAGE_MYSQL_URL: 'mysql://db/hydra',
      HYDRA_GATE_PORT: '3250',
      HYDRA_OPS_PORT: '9101',
    })
    const http = serviceEnv({ service: 'http', urls, request, port: 9_001, opsPort: 9_104 })
    expect(http).toMatchObject({ HYDRA_HTTP_PORT: '9001', HYDRA_OPS_PORT: '9104' })
  })

  test('a port of its own comes before one that a person has set for all', () => {
    const settings = {
      HYDRA_GATE_GATE_PORT: '4000',
      HYDRA_GATE_OPS_PORT: '4001',
      HYDRA_CLUSTER_HOST: 'laptop',
    }
    const env = serviceEnv({
      service: 'gate',
      urls,
      request: { ...request, settings },
      port: 4_001,
      opsPort: 9,
    })
    const { gate, ops, cluster } = load('gate', gateConfigSchema, env)
    expect([gate.port, ops.port, cluster.host]).toEqual([4_001, 9, 'laptop'])
  })

  test.each(['http', 'game', 'chat', 'gate'] as const)(
    'says to %s what the cluster decides, whatever else says something of it',
    (service) => {
      const keys = ['cluster.env', 'cluster.natsServers', 'storage.mysqlUrl', 'storage.redisUrl', 'ops.port']
      const settings = Object.fromEntries(
        keys.flatMap((key) => {
          const [own = '', all = ''] = variablesOf(service, key.split('.'))
          return [
            [own, 'else'],
            [`${own}_FILE`, '/nowhere'],
            [`${all}_FILE`, '/nowhere'],
          ]
        }),
      )
      const port = service === 'gate' || service === 'http' ? 4_001 : undefined
      const env = serviceEnv({ service, urls, request: { ...request, settings }, port, opsPort: 9 })
      const { cluster, storage, ops } = load(service, schemas[service], env)
      expect(cluster).toMatchObject({ env: 'local-1', host: '127.0.0.1', natsServers: ['nats://bus'] })
      expect(storage).toMatchObject({ mysqlUrl: 'mysql://db/hydra', redisUrl: 'redis://cache' })
      expect(ops.port).toBe(9)
    },
  )

  test('announces the host that a file names', () => {
    const folder = mkdtempSync(join(tmpdir(), 'hydra-env-'))
    const file = join(folder, 'host')
    writeFileSync(file, 'laptop\n')
    const settings = { HYDRA_CLUSTER_HOST_FILE: file }
    const env = serviceEnv({
      service: 'game',
      urls,
      request: { ...request, settings },
      port: undefined,
      opsPort: 9,
    })
    rmSync(folder, { recursive: true })
    expect(load('game', gameConfigSchema, env).cluster.host).toBe('laptop')
  })
})
