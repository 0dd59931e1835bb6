import { execFile } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { services, type Service } from '@hydra/protocol'
import { clusterConfigSchema, openCluster, type OpenedCluster } from '@hydra/rpc'
import { createMetrics, silentLogger, systemClock } from '@hydra/runtime'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { startSecuredCluster, type SecuredCluster } from './secured-cluster.ts'

let cluster: SecuredCluster
beforeAll(async () => {
  cluster = await startSecuredCluster()
}, 180_000)
afterAll(() => cluster.remove())

const redisAdmin = (...command: readonly string[]) => {
  const { caFile, certFile, keyFile } = cluster.certificates
  const tls = ['--tls', '--cacert', caFile, '--cert', certFile, '--key', keyFile]
  const args = ['-h', 'localhost', '-p', String(cluster.servers.redis.port), ...tls, '--user', 'admin']
  const options = { env: { PATH: process.env['PATH'], REDISCLI_AUTH: cluster.passwords.admin } }
  return promisify(execFile)('redis-cli', [...args, ...command], options)
}

describe('a cluster in production mode with TLS, users of few rights, and secrets from files', () => {
  test('is played on with https:// and wss:// by who trusts its authority', async () => {
    const player = fileURLToPath(new URL('secured-players.fixture.ts', import.meta.url))
    const node = ['--conditions=source', '--import', 'tsx', player, cluster.httpUrl]
    const play = (env: Record<string, string>) =>
      promisify(execFile)(process.execPath, node, { env: { PATH: process.env['PATH'], ...env } })
    const { stdout } = await play({ NODE_EXTRA_CA_CERTS: cluster.certificates.caFile })
    expect(stdout).toContain('All of it worked.')
    await expect(play({})).rejects.toMatchObject({ code: 1 })
  }, 180_000)

  test('needs no right that it does not have', async () => {
    const lines = cluster.processes.flatMap((service) => service.lines)
    const complaints = lines.filter(
      (line) => /permission|NOPERM|denied|violation/i.test(JSON.stringify(line)) || line['level'] === 'error',
    )
    expect(complaints).toEqual([])
    expect(cluster.servers.nats.log()).not.toMatch(/violation/i)
    expect((await redisAdmin('ACL', 'LOG')).stdout.trim()).toBe('')
  })

  test('shows no secret: not in logs, metrics, readiness or command lines', async () => {
    const headers = { authorization: `Bearer ${cluster.opsToken}` }
    const pages = await Promise.all(
      services.flatMap((service) =>
        ['/metrics', '/readyz'].map(async (path) => {
          const response = await fetch(cluster.opsUrls[service] + path, { headers })
          expect([service, path, response.status]).toEqual([service, path, 200])
          return response.text()
        }),
      ),
    )
    const shown = [
      ...pages,
      ...cluster.processes.map(({ lines }) => JSON.stringify(lines)),
      ...(await Promise.all(cluster.processes.map(({ pid }) => readFile(`/proc/${pid}/cmdline`, 'utf8')))),
      ...(await Promise.all(cluster.processes.map(({ pid }) => readFile(`/proc/${pid}/environ`, 'utf8')))),
    ].join('\n')
    expect(shown.length).toBeGreaterThan(10_000)
    for (const secret of cluster.secrets) expect(shown).not.toContain(secret)
  })

  test('shows metrics and checks to nobody without the token of operators', async () => {
    for (const service of services) {
      expect((await fetch(`${cluster.opsUrls[service]}/metrics`)).status).toBe(401)
      expect(await (await fetch(`${cluster.opsUrls[service]}/readyz`)).json()).toEqual({ status: 'ready' })
    }
  })

  test('says at start what it leaves open: nothing', () => {
    const warned = cluster.processes.flatMap(({ lines }) =>
      lines.filter(({ msg }) => msg === 'the configuration leaves something open'),
    )
    expect(warned).toEqual([])
  })
})

/** The drivers of a service, with its own rights, in hands that it was not meant for. */
function openAs(service: Service): Promise<OpenedCluster> {
  const { caFile, certFile, keyFile } = cluster.certificates
  const user = `hydra-prod-${service}`
  const password = cluster.passwords[service]
  const config = clusterConfigSchema.parse({
    env: 'prod',
    natsServers: [`localhost:${cluster.servers.nats.port}`],
    natsUser: user,
    natsPassword: password,
    natsCaFile: caFile,
    natsCertFile: certFile,
    natsKeyFile: keyFile,
    etcdHosts: [cluster.servers.etcd.url],
    etcdUser: user,
    etcdPassword: password,
    etcdCaFile: caFile,
    etcdCertFile: certFile,
    etcdKeyFile: keyFile,
  })
  const metrics = createMetrics({ service: 'e2e' })
  return openCluster(config, { clock: systemClock, log: silentLogger, metrics, random: Math.random })
}

describe('whoever has the passwords of one service', () => {
  test.each<[Service, string[], string[]]>([
    [
      'gate',
      ['hydra.prod.srv.gate.x', 'hydra.prod.topic.x'],
      ['hydra.prod.srv.game.x', 'hydra.prod.event.game.role.left', '>'],
    ],
    ['game', ['hydra.prod.srv.game.x'], ['hydra.prod.srv.gate.x', 'hydra.prod.topic.x', '>']],
    ['chat', ['hydra.prod.srv.chat.x'], ['hydra.prod.srv.game.x', 'hydra.prod.topic.x', '>']],
    ['http', [], ['hydra.prod.srv.http.x', 'hydra.prod.topic.x', '>']],
  ])('of %s hears what that one hears and no more', async (service, heard, unheard) => {
    const { bus, close } = await openAs(service)
    for (const subject of heard) await bus.subscribe(subject, () => {})
    for (const subject of unheard) {
      await expect(bus.subscribe(subject, () => {})).rejects.toMatchObject({ code: 'CONFIG_INVALID' })
    }
    await close()
  })

  test('of gate speaks for no other service', async () => {
    const [gate, game] = [await openAs('gate'), await openAs('game')]
    const heard: string[] = []
    await game.bus.subscribe('hydra.prod.srv.game.spy', (payload) =>
      heard.push(Buffer.from(payload).toString()),
    )
    const topics: string[] = []
    await gate.bus.subscribe('hydra.prod.topic.spied', (payload) =>
      topics.push(Buffer.from(payload).toString()),
    )
    gate.bus.publish('hydra.prod.topic.spied', Buffer.from('from gate'))
    game.bus.publish('hydra.prod.topic.spied', Buffer.from('from game'))
    gate.bus.publish('hydra.prod.srv.game.spy', Buffer.from('allowed'))
    await Promise.all([gate.bus.flush(), game.bus.flush()])
    await expect.poll(() => [heard, topics]).toEqual([['allowed'], ['from game']])
    await Promise.all([gate.close(), game.close()])
  })

  test('of gate announces gates, and no game server', async () => {
    const { caFile, certFile, keyFile } = cluster.certificates
    const put = (key: string) =>
      promisify(execFile)('etcdctl', ['put', key, 'x'], {
        env: {
          PATH: process.env['PATH'],
          ETCDCTL_API: '3',
          ETCDCTL_ENDPOINTS: cluster.servers.etcd.url,
          ETCDCTL_CACERT: caFile,
          ETCDCTL_CERT: certFile,
          ETCDCTL_KEY: keyFile,
          ETCDCTL_USER: `hydra-prod-gate:${cluster.passwords.gate}`,
        },
      })
    await put('hydra/prod/servers/gate/intruder')
    for (const key of ['hydra/prod/servers/game/intruder', 'hydra/other/servers/gate/intruder']) {
      await expect(put(key)).rejects.toMatchObject({ stderr: expect.stringContaining('permission denied') })
    }
  })
})
