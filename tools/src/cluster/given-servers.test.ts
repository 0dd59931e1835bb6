import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { serverKinds } from '@hydra/testing'
import { describe, expect, test } from 'vitest'
import { givenServers, planServers, provideServers, refusePlainServers } from './given-servers.ts'

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

  test('are given by a file that a variable names', () => {
    const folder = mkdtempSync(join(tmpdir(), 'hydra-given-'))
    const file = join(folder, 'secret')
    writeFileSync(file, 'http://a\nhttp://b\n')
    const env = { HYDRA_STORAGE_MYSQL_URL_FILE: file, HYDRA_CLUSTER_ETCD_HOSTS_FILE: file }
    const given = givenServers({ 'mysql-url': 'mysql://option' }, env)
    rmSync(folder, { recursive: true })
    expect(given).toEqual({ mysql: 'mysql://option', etcd: 'http://a,http://b' })
  })

  test('must be named where they have to speak TLS, MySQL with its database', () => {
    const refusing =
      (given: object, ...tls: ('mysql' | 'nats')[]) =>
      () =>
        refusePlainServers(given, tls)
    expect(refusing({})).not.toThrow()
    expect(refusing({}, 'nats')).toThrow('NATS speaks TLS; those that are started here do not')
    expect(refusing({ nats: 'nats://a' }, 'nats')).not.toThrow()
    expect(refusing({ mysql: 'mysql://root@db' }, 'mysql')).toThrow('no database is made')
    expect(refusing({ mysql: 'mysql://root@db/hydra' }, 'mysql')).not.toThrow()
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
