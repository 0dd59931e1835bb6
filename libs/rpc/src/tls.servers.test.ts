import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createMetrics, silentLogger, systemClock, type ReadinessCheck } from '@hydra/runtime'
import {
  eventually,
  findBinary,
  freePorts,
  makeCertificates,
  startSecuredServers,
  type SecuredServers,
  type TestCertificates,
} from '@hydra/testing'
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest'
import { clusterConfigSchema, type ClusterConfig } from './cluster-config.ts'
import { openCluster } from './cluster.ts'
import { serverRecord } from './registry/registry.contract.ts'

const token = 'token-of-this-test'
let folder = ''
let ports: { nats: number; etcd: number; peer: number }
let certificates: TestCertificates
const servers: ChildProcess[] = []

const path = (name: string) => join(folder, name)

function start(name: string, args: readonly string[]): void {
  const binary = findBinary(name)
  if (binary === undefined) throw new Error(`${name} is not installed.`)
  servers.push(spawn(binary, args, { stdio: 'ignore' }))
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'hydra-tls-'))
  certificates = await makeCertificates(folder)
  const [nats = 0, etcd = 0, peer = 0] = await freePorts(3)
  ports = { nats, etcd, peer }
  const own = [
    `--tlscert=${path('server.pem')}`,
    `--tlskey=${path('server-key.pem')}`,
    `--tlscacert=${path('ca.pem')}`,
  ]
  start('nats-server', ['-a', '127.0.0.1', '-p', String(nats), '--auth', token, '--tlsverify', ...own])
  await mkdir(path('etcd'), { mode: 0o700 })
  const client = `https://127.0.0.1:${etcd}`
  const peerUrl = `http://127.0.0.1:${peer}`
  start('etcd', [
    '--name=tls',
    `--data-dir=${path('etcd')}`,
    `--listen-client-urls=${client}`,
    `--advertise-client-urls=${client}`,
    `--listen-peer-urls=${peerUrl}`,
    `--initial-advertise-peer-urls=${peerUrl}`,
    `--initial-cluster=tls=${peerUrl}`,
    `--cert-file=${path('server.pem')}`,
    `--key-file=${path('server-key.pem')}`,
    `--trusted-ca-file=${path('ca.pem')}`,
    '--client-cert-auth',
    '--unsafe-no-fsync',
    '--log-level=error',
  ])
})
afterAll(async () => {
  for (const server of servers) {
    const ended = once(server, 'exit')
    if (server.exitCode === null && server.kill('SIGKILL')) await ended
  }
  await rm(folder, { recursive: true, force: true })
})

afterEach(() => {
  vi.unstubAllEnvs()
})

const settings = (change: Partial<ClusterConfig> = {}): ClusterConfig =>
  clusterConfigSchema.parse({
    env: 'tls',
    natsServers: [`127.0.0.1:${ports.nats}`],
    natsToken: token,
    natsCaFile: path('ca.pem'),
    natsCertFile: path('server.pem'),
    natsKeyFile: path('server-key.pem'),
    etcdHosts: [`https://127.0.0.1:${ports.etcd}`],
    etcdCaFile: path('ca.pem'),
    etcdCertFile: path('server.pem'),
    etcdKeyFile: path('server-key.pem'),
    ...change,
  })

const deps = () => ({
  clock: systemClock,
  log: silentLogger,
  metrics: createMetrics({ service: 'test' }),
  random: Math.random,
})

test('a cluster is joined over TLS, with certificates on both sides and a token', async () => {
  const { bus, registry, close } = await openCluster(settings(), deps())
  const arrived = new Promise<number>((resolve) => {
    void bus
      .subscribe('tls', (payload) => resolve(payload[0] ?? 0))
      .then(() => bus.publish('tls', Uint8Array.of(7)))
  })
  expect(await arrived).toBe(7)
  const record = serverRecord({ type: 'game' })
  await registry.announce(record)
  expect(registry.get(record.id)).toMatchObject({ id: record.id })
  await close()
})

/** The cause that a check names, empty while there is none. */
function whyNot(check: ReadinessCheck | undefined): string {
  try {
    void check?.check()
    return ''
  } catch (error) {
    return error instanceof Error ? String(error.cause) : ''
  }
}

/** Opens a cluster that cannot be opened, until the check of a backend has a cause of this kind. */
async function refusedFor(backend: 'nats' | 'etcd', config: ClusterConfig, reason: RegExp): Promise<void> {
  const stop = new AbortController()
  const checks = new Map<string, ReadinessCheck>()
  const readiness = {
    add(check: ReadinessCheck) {
      checks.set(check.name, check)
      return () => {}
    },
  }
  const opening = openCluster(config, { ...deps(), signal: stop.signal, readiness })
  const ended = Promise.allSettled([opening])
  await eventually(() => reason.test(whyNot(checks.get(backend))))
  stop.abort(new Error('told to stop'))
  expect(await ended).toMatchObject([{ status: 'rejected', reason: { message: 'told to stop' } }])
}

const refused: [string, 'nats' | 'etcd', () => Partial<ClusterConfig>, RegExp][] = [
  ['another authority of NATS', 'nats', () => ({ natsCaFile: path('other-ca.pem') }), /certificate/i],
  ['another authority of etcd', 'etcd', () => ({ etcdCaFile: path('other-ca.pem') }), /certificate|VERIFY/i],
  ['another token', 'nats', () => ({ natsToken: 'wrong' }), /authorization/i],
]

test.each(refused)('%s is refused, and tried again until it is told to stop', (_, backend, change, reason) =>
  refusedFor(backend, settings(change()), reason),
)

test.each(refused.slice(0, 2))(
  '%s is refused also when Node.js is told to check nothing',
  async (_, backend, change, reason) => {
    vi.stubEnv('NODE_TLS_REJECT_UNAUTHORIZED', '0')
    await refusedFor(backend, settings(change()), reason)
  },
)

describe('a server whose certificate is for another host', () => {
  let elsewhere: SecuredServers<'nats' | 'etcd'>
  beforeAll(async () => {
    const secured = { certificates: certificates.elsewhere }
    elsewhere = await startSecuredServers({ nats: secured, etcd: secured })
  })
  afterAll(() => elsewhere.close())

  test.each(['localhost', '127.0.0.1'])('is refused as NATS at %s', async (host) => {
    const natsServers = [`${host}:${elsewhere.servers.nats.port}`]
    await refusedFor('nats', settings({ natsServers }), /altnames/i)
  })

  test.each(['localhost', '127.0.0.1'])('is refused as etcd at %s', async (host) => {
    const etcdHosts = [`https://${host}:${elsewhere.servers.etcd.port}`]
    await refusedFor('etcd', settings({ etcdHosts }), /altnames/i)
  })
})

test.each<[string, () => Partial<ClusterConfig>, string]>([
  ['that is not there', () => ({ natsCaFile: path('nowhere.pem') }), 'cluster.natsCaFile'],
  ['that is no PEM', () => ({ etcdCaFile: path('server-names.txt') }), 'cluster.etcdCaFile'],
  ['without its key', () => ({ natsKeyFile: undefined }), 'cluster.natsCertFile'],
])('a file %s is named', async (_, change, key) => {
  await expect(openCluster({ ...settings(), ...change() }, deps())).rejects.toMatchObject({
    code: 'CONFIG_INVALID',
    metadata: { path: key },
  })
})
