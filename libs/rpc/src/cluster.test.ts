import { createMetrics, Readiness, silentLogger, systemClock } from '@hydra/runtime'
import { eventually, testBackends, uniqueName } from '@hydra/testing'
import { describe, expect, test } from 'vitest'
import { clusterConfigSchema } from './cluster-config.ts'
import { createMemoryCluster, openCluster } from './cluster.ts'
import { deferred } from './deferred.fixture.ts'
import { serverRecord } from './registry/registry.contract.ts'

const { natsUrl, etcdUrl } = testBackends()

const deps = () => ({
  clock: systemClock,
  log: silentLogger,
  metrics: createMetrics({ service: 'test' }),
  random: Math.random,
  readiness: new Readiness({ clock: systemClock }),
})

// Discard: nothing listens there, and connecting is refused at once.
const nowhere = { natsServers: ['127.0.0.1:9'], etcdHosts: ['http://127.0.0.1:9'] }

test.each(['10.0.0.5:4222', 'nats://[fd00::5]:4222'])(
  'NATS with TLS at the address %s is refused: its certificate cannot be checked',
  async (server) => {
    const config = clusterConfigSchema.parse({ natsServers: [server], natsTls: true })
    await expect(openCluster(config, deps())).rejects.toMatchObject({
      code: 'CONFIG_INVALID',
      metadata: { path: 'cluster.natsServers' },
    })
  },
)

describe('the configuration', () => {
  test('has a default for everything', () => {
    expect(clusterConfigSchema.parse({})).toMatchObject({
      env: 'dev',
      driver: 'nats-etcd',
      leaseTtlSeconds: 5,
    })
  })

  test.each([
    ['env', { env: 'a.b' }],
    ['natsServers', { natsServers: [] }],
    ['etcdHosts.0', { etcdHosts: [''] }],
    ['leaseTtlSeconds', { leaseTtlSeconds: 0 }],
    ['driver', { driver: 'kafka' }],
    ['', { natServers: ['127.0.0.1'] }],
  ])('refuses a wrong %s', (path, config) => {
    const { error } = clusterConfigSchema.safeParse(config)
    expect(error?.issues.map((issue) => issue.path.join('.'))).toEqual([path])
  })
})

test('a cluster in memory works, is ready at once and has nothing to check', async () => {
  const { readiness, ...rest } = deps()
  const cluster = await openCluster(clusterConfigSchema.parse({ driver: 'memory' }), { readiness, ...rest })
  await cluster.registry.announce(serverRecord({ id: 'game-1' }))
  expect(cluster.registry.get('game-1')).toBeDefined()
  expect((await readiness.report()).checks).toEqual({})
  await cluster.close()
  expect(cluster.bus.connected).toBe(false)
  expect(createMemoryCluster().registry.get('game-1')).toBeUndefined()
})

test('backends that are not there are named with their address, until the opening is aborted', async () => {
  const { readiness, ...rest } = deps()
  const abort = new AbortController()
  const failed = deferred()
  const tried = new Set<unknown>()
  const log = {
    ...silentLogger,
    warn: ({ backend }: Readonly<Record<string, unknown>>) => {
      tried.add(backend)
      if (tried.size === 2) failed.resolve()
    },
  }
  const opening = openCluster(clusterConfigSchema.parse(nowhere), {
    ...rest,
    log,
    readiness,
    signal: abort.signal,
  })
  await failed.promise
  expect((await readiness.report()).checks).toEqual({
    nats: 'nats at 127.0.0.1:9 could not be reached yet.',
    etcd: 'etcd at http://127.0.0.1:9 could not be reached yet.',
  })
  abort.abort(new Error('told to stop'))
  await expect(opening).rejects.toThrow('told to stop')
  expect((await readiness.report()).checks).toEqual({})
})

if (natsUrl !== undefined && etcdUrl !== undefined) {
  const config = (change: object = {}) =>
    clusterConfigSchema.parse({
      env: uniqueName('cluster'),
      natsServers: [natsUrl],
      etcdHosts: [etcdUrl],
      ...change,
    })

  test('a cluster on NATS and etcd works and passes its checks until it is closed', async () => {
    const { readiness, ...rest } = deps()
    const cluster = await openCluster(config(), { readiness, ...rest })
    const arrived = deferred()
    await cluster.bus.subscribe('hydra.test.cluster', () => arrived.resolve())
    cluster.bus.publish('hydra.test.cluster', new Uint8Array())
    await arrived.promise
    await cluster.registry.announce(serverRecord({ id: 'game-1' }))
    expect((await readiness.report()).checks).toEqual({ nats: 'ok', etcd: 'ok' })
    await cluster.close()
    expect((await readiness.report()).checks).toEqual({})
  })

  test('one backend alone waits for the other, and is closed when the opening is aborted', async () => {
    const { readiness, ...rest } = deps()
    const abort = new AbortController()
    const opening = openCluster(config({ etcdHosts: nowhere.etcdHosts }), {
      ...rest,
      readiness,
      signal: abort.signal,
    })
    const report = await eventually(async () => {
      const now = await readiness.report()
      return now.checks['nats'] === 'ok' ? now : undefined
    })
    expect(report.checks['etcd']).toContain('could not be reached')
    abort.abort(new Error('told to stop'))
    await expect(opening).rejects.toThrow('told to stop')
  })
}
