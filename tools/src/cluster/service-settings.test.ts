import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import { readServiceSettings } from './service-settings.ts'

const root = fileURLToPath(new URL('../../../', import.meta.url))

describe('what a cluster takes from the configuration of its services', () => {
  test('is ports, schemes and how long stopping takes', () => {
    expect(readServiceSettings(root, {})).toEqual({
      ports: { gate: 3_250, http: 9_001, ops: { gate: 9_101, game: 9_102, chat: 9_103, http: 9_104 } },
      tls: { gate: false, http: false },
      tlsServers: [],
      stopTimeoutMs: expect.any(Number),
    })
  })

  test('is the same from variables, those of one service too', () => {
    const pem = (service: string) => ({
      [`HYDRA_${service}_TLS_CERT_FILE`]: '/etc/hydra/server.pem',
      [`HYDRA_${service}_TLS_KEY_FILE`]: '/etc/hydra/server-key.pem',
    })
    const env = {
      HYDRA_CHAT_OPS_PORT: '9203',
      HYDRA_GAME_STORAGE_MYSQL_CA_FILE: '/etc/hydra/ca.pem',
      HYDRA_CLUSTER_NATS_TLS: 'true',
      ...pem('HTTP_HTTP'),
    }
    expect(readServiceSettings(root, env)).toMatchObject({
      ports: { ops: { gate: 9_101, chat: 9_203 } },
      tls: { gate: false, http: true },
      tlsServers: ['mysql', 'nats'],
    })
  })

  test.each([
    ['HYDRA_GAME_STORAGE_MYSQL_URL', 'HYDRA_STORAGE_MYSQL_URL'],
    ['HYDRA_CHAT_CLUSTER_ENV', 'HYDRA_CLUSTER_ENV'],
    ['HYDRA_HTTP_STORAGE_MYSQL_URL_FILE', 'HYDRA_STORAGE_MYSQL_URL'],
    ['HYDRA_GATE_CLUSTER_NATS_SERVERS', 'HYDRA_CLUSTER_NATS_SERVERS'],
  ])('is refused where %s says of one service what all have to share', (name, shared) => {
    expect(() => readServiceSettings(root, { [name]: 'x' })).toThrow(
      expect.objectContaining({
        exitCode: 78,
        message: expect.stringMatching(`^${name} is for .*${shared} for`),
      }),
    )
  })
})
