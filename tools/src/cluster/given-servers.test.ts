import { once } from 'node:events'
import { createServer } from 'node:net'
import { serverKinds } from '@hydra/testing'
import { describe, expect, test } from 'vitest'
import { givenServers, planServers, provideServers } from './given-servers.ts'

describe('the servers of a cluster', () => {
  test('are given by option, else by the variable of the configuration', () => {
    const env = {
      HYDRA_STORAGE_REDIS_URL: 'redis://env',
      HYDRA_CLUSTER_ETCD_HOSTS: 'http://a,http://b',
      HYDRA_STORAGE_MYSQL_URL: '',
    }
    expect(givenServers({ 'redis-url': 'redis://option', gate: '2' }, env)).toEqual({
      redis: 'redis://option',
      etcd: 'http://a,http://b',
    })
  })

  test('are started, installed, or explained', () => {
    const machine = { env: {}, missing: ['nats', 'etcd'], canInstall: false } as const
    expect(planServers({}, { ...machine, missing: [] })).toEqual({ kind: 'start' })
    expect(planServers({ nats: 'nats://a', etcd: 'http://b' }, machine)).toEqual({ kind: 'start' })
    expect(planServers({ nats: 'nats://a' }, { ...machine, canInstall: true })).toEqual({
      kind: 'install',
      missing: ['etcd'],
    })
    const plan = planServers({ nats: 'nats://a' }, machine)
    expect(plan).toEqual({
      kind: 'impossible',
      message: expect.stringContaining('not installed here: etcd.'),
    })
    expect(plan).toEqual({
      kind: 'impossible',
      message: expect.stringContaining('--etcd-url http://127.0.0.1:2379'),
    })
  })

  test('that were given and do not answer are named before anything is started', async () => {
    const server = createServer().listen(0, '127.0.0.1')
    await once(server, 'listening')
    const { port } = server.address() as { readonly port: number }
    const machine = { env: {}, missing: serverKinds, canInstall: false }
    const given = {
      mysql: 'mysql://u:secret@127.0.0.1:1/x',
      redis: 'no url',
      nats: `127.0.0.1:${port}`,
      etcd: `http://127.0.0.1:${port},http://b`,
    }
    const providing = provideServers(given, machine, () => undefined)
    await expect(providing).rejects.toMatchObject({
      exitCode: 69,
      message: expect.stringMatching(
        /^MariaDB: 127\.0\.0\.1:1 cannot be reached .*\nRedis: "no url" is no url\.$/,
      ),
    })
    server.close()
  })
})
