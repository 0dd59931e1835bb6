import { mkdtemp, rm, symlink } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Service } from '@hydra/protocol'
import { dirVariable, eventually, freePorts } from '@hydra/testing'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { buildService } from '../build/build-service.ts'
import { startService } from './service-process.ts'

const nodeModules = fileURLToPath(new URL('../../../node_modules', import.meta.url))

describe('a service whose backends are all down', () => {
  let folder: string
  beforeAll(async () => {
    folder = await mkdtemp(join(process.env[dirVariable] ?? tmpdir(), 'down-'))
    await symlink(nodeModules, join(folder, 'node_modules'), 'dir')
  })
  afterAll(() => rm(folder, { recursive: true, force: true }))

  it.each<Service>(['gate', 'game', 'chat'])(
    '%s: /readyz names each of them, SIGTERM still exits 0',
    async (service) => {
      const { main } = await buildService({ service, outDir: join(folder, service) })
      const [opsPort = 0, mysql = 0, redis = 0, nats = 0, etcd = 0] = await freePorts(5)
      const running = startService(service, main, {
        HYDRA_OPS_PORT: String(opsPort),
        HYDRA_STORAGE_MYSQL_URL: `mysql://hydra:hydra@127.0.0.1:${mysql}/hydra`,
        HYDRA_STORAGE_REDIS_URL: `redis://127.0.0.1:${redis}`,
        HYDRA_CLUSTER_NATS_SERVERS: `127.0.0.1:${nats}`,
        HYDRA_CLUSTER_ETCD_HOSTS: `http://127.0.0.1:${etcd}`,
      })
      const report = await eventually(
        async () => {
          const response = await fetch(`http://127.0.0.1:${opsPort}/readyz`)
          const body = (await response.json()) as { checks: Record<string, string> }
          const named = Object.entries({ mysql, redis, nats, etcd }).every(([name, port]) =>
            body.checks[name]?.includes(String(port)),
          )
          return named ? { httpStatus: response.status, ...body } : undefined
        },
        { timeoutMs: 30_000 },
      )
      expect(report).toMatchObject({ httpStatus: 503, status: 'starting' })
      expect((await fetch(`http://127.0.0.1:${opsPort}/healthz`)).status).toBe(200)
      expect(await running.end('SIGTERM')).toMatchObject({ code: 0 })
    },
  )
})
