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
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
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
  await makeUsers('prod')
})
afterEach(async () => {
  for (const registry of opened.splice(0)) await registry.close()
})
afterAll(async () => {
  await secured.close()
  await rm(folder, { recursive: true, force: true })
})

const etcdEnv = (change: Record<string, string>) => ({
  PATH: process.env['PATH'],
  ETCDCTL_API: '3',
  ETCDCTL_ENDPOINTS: secured.servers.etcd.url,
  ETCDCTL_CACERT: certificates.caFile,
  ETCDCTL_CERT: certificates.certFile,
  ETCDCTL_KEY: certificates.keyFile,
  ...change,
})

const makeUsers = (env: string, change: Record<string, string> = {}) =>
  promisify(execFile)(script, [env], {
    env: etcdEnv({
      ROOT_PASSWORD: passwordOf('root'),
      ...Object.fromEntries(services.map((name) => [`${name.toUpperCase()}_PASSWORD`, passwordOf(name)])),
      ...change,
    }),
  })

const etcdctl = (args: readonly string[], as: Record<string, string> = {}) =>
  promisify(execFile)('etcdctl', [...args], { env: etcdEnv(as) })
const asRoot = () => ({ ETCDCTL_USER: 'root', ETCDCTL_PASSWORD: passwordOf('root') })

async function open(
  service: string,
  change: { user?: string; password?: string; env?: string; signal?: AbortSignal } = {},
) {
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

describe('run again,', () => {
  test('the script leaves those alone who are there, and makes the users of another cluster', async () => {
    const [game, gate] = [await open('game'), await open('gate')]
    await makeUsers('prod')
    const record = serverRecord({ type: 'game' })
    await game.announce(record)
    await eventually(() => gate.get(record.id) !== undefined)

    const other = { env: 'other', user: 'hydra-other-gate', password: 'gate-password-of-the-other' }
    await makeUsers('other', { GATE_PASSWORD: other.password })
    const elsewhere = await open('gate', other)
    await elsewhere.announce(serverRecord({ type: 'gate' }))
    expect(elsewhere.get(record.id)).toBeUndefined()
    await game.announce(serverRecord({ type: 'game' }))
  })

  test('it gives new passwords', async () => {
    await makeUsers('prod', { CHAT_PASSWORD: 'a-new-password' })
    await open('chat', { password: 'a-new-password' })
    await makeUsers('prod')
    await open('chat')
  })

  test('it finishes what is half made, and turns authentication on', async () => {
    await etcdctl(['auth', 'disable'], asRoot())
    for (const user of ['root', 'hydra-prod-chat']) await etcdctl(['user', 'delete', user])
    await etcdctl(['role', 'delete', 'hydra-prod-http'])
    await makeUsers('prod')
    for (const service of services) await (await open(service)).announce(serverRecord({ type: service }))
    await expect(etcdctl(['put', 'hydra/prod/servers/gate/intruder', 'x'])).rejects.toBeInstanceOf(Error)
  })

  test('with authentication off it gives new passwords all the same', async () => {
    await etcdctl(['auth', 'disable'], asRoot())
    await makeUsers('prod', { CHAT_PASSWORD: 'another-password' })
    await open('chat', { password: 'another-password' })
    await makeUsers('prod')
    await open('chat')
  })

  test('it stops at a password of root that is not the one of the first time, and says so', async () => {
    await expect(makeUsers('prod', { ROOT_PASSWORD: 'a-wrong-password' })).rejects.toMatchObject({
      code: 1,
      stderr: expect.stringContaining('authentication failed'),
    })
    await open('gate')
  })
})
