import { createIds, createMetrics, Readiness, silentLogger, systemClock } from '@hydra/runtime'
import { eventually, startServers, uniqueName, type ServerSet } from '@hydra/testing'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { clusterConfigSchema } from './cluster-config.ts'
import { openCluster, type OpenedCluster } from './cluster.ts'
import { createRpcPeer } from './peer/create-peer.ts'
import { kick, kickBody } from './peer/samples.fixture.ts'
import type { RpcPeer, ServiceHandlers } from './peer.ts'
import { serverRecord } from './registry/registry.contract.ts'

let servers: ServerSet<'nats' | 'etcd'>
const env = uniqueName('cluster')
const readiness = new Readiness({ clock: systemClock })
const opened: OpenedCluster[] = []

beforeAll(async () => {
  servers = await startServers({ which: ['nats', 'etcd'] })
})
afterAll(async () => {
  for (const cluster of opened) await cluster.close()
  await servers.close()
})

async function start(type: 'gate' | 'chat', handlers: Partial<ServiceHandlers<'gate'>>): Promise<RpcPeer> {
  const deps = {
    clock: systemClock,
    log: silentLogger,
    metrics: createMetrics({ service: type }),
    random: Math.random,
  }
  const config = clusterConfigSchema.parse({
    env,
    natsServers: [servers.nats.url],
    etcdHosts: [servers.etcd.url],
  })
  const cluster = await openCluster(config, { ...deps, ...(type === 'chat' ? { readiness } : {}) })
  opened.push(cluster)
  const self = serverRecord({ id: `${type}-1`, type })
  const peer = await createRpcPeer({ ...deps, ...cluster, env, self, ids: createIds(systemClock) })
  if (type === 'gate') await peer.serve('gate', handlers as ServiceHandlers<'gate'>)
  await cluster.registry.announce(self)
  return peer
}

test('calls fail fast while NATS is away, work again by themselves, and etcd may be away all the time', async () => {
  await start('gate', { 'gate.session.kick': () => ({ found: true }) })
  const chat = await start('chat', {})
  const call = () => chat.call(kick, kickBody, { to: { type: 'gate', key: 'u1' } })
  expect(await eventually(call)).toEqual({ found: true })

  await servers.etcd.kill()
  await eventually(async () => (await readiness.report()).checks['etcd'] !== 'ok')
  expect(await call()).toEqual({ found: true })

  await servers.nats.kill()
  await eventually(async () => (await readiness.report()).checks['nats'] !== 'ok')
  const { checks } = await readiness.report()
  expect(checks).toEqual({
    nats: `nats at ${servers.nats.url} is not connected at the moment.`,
    etcd: `etcd at ${servers.etcd.url} is not connected at the moment.`,
  })
  await expect(call()).rejects.toMatchObject({ code: 'SERVER_GONE' })
  expect(() =>
    chat.notify(
      {
        route: 'gate.session.kick',
        session: { sessionId: 's', gateId: 'g', serializer: 'json' },
        body: new Uint8Array(),
      },
      { to: { type: 'gate' } },
    ),
  ).toThrow(expect.objectContaining({ code: 'SERVER_GONE' }))
  expect(chat.inFlight).toBe(0)

  await servers.nats.restart()
  expect(await eventually(call)).toEqual({ found: true })
  await servers.etcd.restart()
  await eventually(async () => {
    const report = await readiness.report()
    return report.checks['nats'] === 'ok' && report.checks['etcd'] === 'ok'
  })
})
