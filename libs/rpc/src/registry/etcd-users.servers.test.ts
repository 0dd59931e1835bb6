import { execFile } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { services } from '@hydra/protocol'
import { createLogger, createMetrics, readTlsFiles, systemClock } from '@hydra/runtime'
import {
  eventually,
  makeCertificates,
  startSecuredServers,
  type SecuredServers,
  type TestCertificates,
} from '@hydra/testing'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { openEtcdRegistry } from './etcd-registry.ts'
import { serverRecord } from './registry.contract.ts'
import type { Registry } from './registry.ts'

const script = join(import.meta.dirname, '../../../../data/security/etcd-users.sh')
const passwordOf = (service: string) => `${service}-password-of-this-test`
let folder = ''
let certificates: TestCertificates
let secured: SecuredServers<'etcd'>
const opened: Registry[] = []
const lines: string[] = []

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'hydra-etcd-'))
  certificates = await makeCertificates(folder)
  secured = await startSecuredServers({ etcd: { certificates } })
  await promisify(execFile)(script, ['prod'], {
    env: {
      PATH: process.env['PATH'],
      ETCDCTL_ENDPOINTS: secured.servers.etcd.url,
      ETCDCTL_CACERT: certificates.caFile,
      ETCDCTL_CERT: certificates.certFile,
      ETCDCTL_KEY: certificates.keyFile,
      ROOT_PASSWORD: passwordOf('root'),
      ...Object.fromEntries(services.map((name) => [`${name.toUpperCase()}_PASSWORD`, passwordOf(name)])),
    },
  })
})
afterEach(async () => {
  for (const registry of opened.splice(0)) await registry.close()
})
afterAll(async () => {
  await secured.close()
  await rm(folder, { recursive: true, force: true })
})

async function open(service: string, change: { password?: string; env?: string; signal?: AbortSignal } = {}) {
  const registry = await openEtcdRegistry({
    hosts: [secured.servers.etcd.url],
    user: `hydra-prod-${service}`,
    password: passwordOf(service),
    tls: readTlsFiles('cluster.etcd', certificates),
    env: 'prod',
    leaseTtlSeconds: 2,
    // So long that what is seen was seen by watching.
    resyncMs: 600_000,
    clock: systemClock,
    random: Math.random,
    log: createLogger({ level: 'debug', write: (line) => lines.push(line) }),
    metrics: createMetrics({ service: 'test' }),
    ...change,
  })
  opened.push(registry)
  return registry
}

test('the users of data/security/etcd-users.sh announce their own kind and see every kind', async () => {
  const [game, gate] = [await open('game'), await open('gate')]
  const record = serverRecord({ type: 'game' })
  const announcement = await game.announce(record)
  await eventually(() => gate.get(record.id)?.state === 'ready')
  await announcement.update({ state: 'draining' })
  await eventually(() => gate.get(record.id)?.state === 'draining')
  await announcement.withdraw()
  await eventually(() => gate.get(record.id) === undefined)
})

test('an etcd that has forgotten who has logged in is logged in to again: records and watches go on', async () => {
  const [game, gate] = [await open('game'), await open('gate')]
  const before = serverRecord({ type: 'game' })
  await game.announce(before)
  await eventually(() => gate.get(before.id) !== undefined)
  // Tokens of logins are in the memory of etcd only.
  await secured.servers.etcd.restart()
  const after = serverRecord({ type: 'gate' })
  await gate.announce(after)
  await eventually(() => game.get(after.id) !== undefined, { timeoutMs: 20_000 })
  await eventually(() => game.connected && gate.connected, { timeoutMs: 20_000 })
  expect(gate.get(before.id)).toMatchObject({ id: before.id })
})

test.each([
  ['a wrong password', { password: 'a-wrong-password' }, /authentication failed/i],
  ['the records of another cluster', { env: 'other' }, /permission denied/i],
])('with %s nothing is read, and the password is in no line of the log', async (_, change, reason) => {
  const stop = new AbortController()
  lines.length = 0
  const opening = open('gate', { ...change, signal: stop.signal }).catch((error: unknown) => error)
  await eventually(() => lines.some((line) => reason.test(line)))
  stop.abort(new Error('told to stop'))
  expect(await opening).toMatchObject({ message: 'told to stop' })
  for (const line of lines) expect(line).not.toMatch(/a-wrong-password|gate-password-of-this-test/)
})
