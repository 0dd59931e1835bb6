import { describe, expect, test } from 'vitest'
import { serviceEnv } from './service-env.ts'

const urls = {
  mysql: 'mysql://db/hydra',
  redis: 'redis://cache',
  nats: 'nats://bus',
  etcd: 'http://etcd:2379',
}
const request = { env: 'local-1', keyPrefix: 'hydra:local-1:', settings: { HYDRA_LOG_LEVEL: 'debug' } }

describe('the environment of a service', () => {
  test('has its servers, its ports and what the person has set', () => {
    expect(serviceEnv({ service: 'gate', urls, request, port: 3_250, opsPort: 9_101 })).toMatchObject({
      HYDRA_LOG_LEVEL: 'debug',
      HYDRA_CLUSTER_ENV: 'local-1',
      HYDRA_CLUSTER_HOST: '127.0.0.1',
      HYDRA_CLUSTER_NATS_SERVERS: 'nats://bus',
      HYDRA_STORAGE_MYSQL_URL: 'mysql://db/hydra',
      HYDRA_GATE_GATE_PORT: '3250',
      HYDRA_GATE_OPS_PORT: '9101',
    })
    const http = serviceEnv({ service: 'http', urls, request, port: 9_001, opsPort: 9_104 })
    expect(http).toMatchObject({ HYDRA_HTTP_HTTP_PORT: '9001', HYDRA_HTTP_OPS_PORT: '9104' })
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
    expect(env).toMatchObject({
      HYDRA_GATE_GATE_PORT: '4001',
      HYDRA_GATE_OPS_PORT: '9',
      HYDRA_CLUSTER_HOST: 'laptop',
    })
  })
})
