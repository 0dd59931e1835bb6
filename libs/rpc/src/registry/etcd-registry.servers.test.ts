import { createLogger, createMetrics, systemClock } from '@hydra/runtime'
import { startServers, uniqueName, type ServerSet } from '@hydra/testing'
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest'
import { CutProxy } from '../cut-proxy.fixture.ts'
import { openEtcdRegistry } from './etcd-registry.ts'
import { serverRecord, until } from './registry.contract.ts'
import type { Registry, RegistryEvent } from './registry.ts'
import { serversPrefix } from './server-key.ts'

let servers: ServerSet<'etcd'>
let other: ServerSet<'etcd'>
let env: string
const opened: (() => Promise<void>)[] = []

beforeAll(async () => {
  ;[servers, other] = await Promise.all([
    startServers({ which: ['etcd'] }),
    startServers({ which: ['etcd'] }),
  ])
})
afterAll(async () => {
  await Promise.all([servers.close(), other.close()])
})
beforeEach(() => {
  env = uniqueName('registry')
})
afterEach(async () => {
  for (const close of opened.splice(0).reverse()) await close()
})

interface Opened {
  readonly registry: Registry
  readonly events: RegistryEvent[]
  readonly lines: string[]
  /** Resolves when the log has such a line. */
  logged(message: string): Promise<void>
}

async function open(
  port: number,
  options: { leaseTtlSeconds?: number; signal?: AbortSignal } = {},
): Promise<Opened> {
  const lines: string[] = []
  const listeners = new Set<() => void>()
  const log = createLogger({
    level: 'debug',
    write: (line) => {
      lines.push(line)
      for (const listener of listeners) listener()
    },
  })
  const registry = await openEtcdRegistry({
    hosts: [`http://127.0.0.1:${port}`],
    env,
    leaseTtlSeconds: 1,
    resyncMs: 60_000,
    clock: systemClock,
    random: Math.random,
    log,
    metrics: createMetrics({ service: 'test' }),
    ...options,
  })
  opened.push(() => registry.close())
  const events: RegistryEvent[] = []
  registry.watch((event) => events.push(event))
  const logged = (message: string) =>
    new Promise<void>((resolve) => {
      const look = () => {
        if (!lines.some((line) => line.includes(message))) return
        listeners.delete(look)
        resolve()
      }
      listeners.add(look)
      look()
    })
  return { registry, events, lines, logged }
}

async function proxyTo(port: number): Promise<CutProxy> {
  const proxy = await CutProxy.to(port)
  opened.push(() => proxy.close())
  return proxy
}

/** Asks etcd itself, through its JSON gateway. */
async function etcd(path: string, body: object): Promise<Record<string, unknown>> {
  const response = await fetch(`${servers.etcd.url}/v3/${path}`, {
    method: 'POST',
    body: JSON.stringify(body),
  })
  expect(response.status).toBe(200)
  return (await response.json()) as Record<string, unknown>
}

const kinds = (events: readonly RegistryEvent[], id: string) =>
  events.filter(({ server }) => server.id === id).map(({ kind }) => kind)

test('keeps the last view while etcd is restarted, and goes on with it', async () => {
  const ours = await open(servers.etcd.port)
  const theirs = await open(servers.etcd.port)
  await ours.registry.announce(serverRecord({ id: 'game-1' }))
  await until(theirs.registry, () => theirs.registry.get('game-1') !== undefined)

  await servers.etcd.kill()
  await Promise.all([
    ours.logged('lost the connection to etcd'),
    theirs.logged('lost the connection to etcd'),
  ])
  expect(theirs.registry.connected).toBe(false)
  expect(theirs.registry.list('game').map(({ id }) => id)).toEqual(['game-1'])
  const announcing = theirs.registry.announce(serverRecord({ id: 'chat-1', type: 'chat' }))

  await servers.etcd.restart()
  await announcing
  await until(ours.registry, () => ours.registry.get('chat-1') !== undefined)
  await theirs.logged('reconnected to etcd')
  expect(theirs.registry.connected).toBe(true)
  expect(kinds(theirs.events, 'game-1')).toEqual(['joined'])
})

test('a record lives on after its lease was taken away', async () => {
  const ours = await open(servers.etcd.port)
  const theirs = await open(servers.etcd.port)
  await ours.registry.announce(serverRecord({ id: 'game-1' }))
  await until(theirs.registry, () => theirs.registry.get('game-1') !== undefined)

  const { kvs } = (await etcd('kv/range', { key: btoa(`${serversPrefix(env)}game/game-1`) })) as {
    kvs: { lease: string }[]
  }
  await etcd('lease/revoke', { ID: kvs[0]?.lease })
  await until(theirs.registry, () => kinds(theirs.events, 'game-1').length === 3)
  expect(kinds(theirs.events, 'game-1')).toEqual(['joined', 'left', 'joined'])
})

test('an outage longer than the lease is no departure for servers that come back', async () => {
  const [proxyOfOurs, proxyOfTheirs] = [await proxyTo(servers.etcd.port), await proxyTo(servers.etcd.port)]
  const ours = await open(proxyOfOurs.port)
  const theirs = await open(proxyOfTheirs.port, { leaseTtlSeconds: 10 })
  const witness = await open(servers.etcd.port)
  await ours.registry.announce(serverRecord({ id: 'game-1' }))
  await until(theirs.registry, () => theirs.registry.get('game-1') !== undefined)
  await until(witness.registry, () => witness.registry.get('game-1') !== undefined)

  proxyOfOurs.cut()
  proxyOfTheirs.cut()
  // Whoever still reaches etcd sees the lease run out.
  await until(witness.registry, () => witness.registry.get('game-1') === undefined)
  proxyOfOurs.mend()
  proxyOfTheirs.mend()
  await until(witness.registry, () => witness.registry.get('game-1') !== undefined)
  const marker = await open(servers.etcd.port)
  await marker.registry.announce(serverRecord({ id: 'marker' }))
  await until(theirs.registry, () => theirs.registry.get('marker') !== undefined)
  expect(kinds(theirs.events, 'game-1')).toEqual(['joined'])
  expect(theirs.registry.get('game-1')).toBeDefined()
})

test('a server that dies without a word leaves when its lease ends', async () => {
  const proxy = await proxyTo(servers.etcd.port)
  const ours = await open(proxy.port)
  const theirs = await open(servers.etcd.port)
  await ours.registry.announce(serverRecord({ id: 'game-1' }))
  await until(theirs.registry, () => theirs.registry.get('game-1') !== undefined)
  proxy.cut()
  await until(theirs.registry, () => theirs.registry.get('game-1') === undefined)
  expect(kinds(theirs.events, 'game-1')).toEqual(['joined', 'left'])
})

test('reads everything again when etcd has compacted what was missed', async () => {
  const proxy = await proxyTo(servers.etcd.port)
  const theirs = await open(proxy.port)
  const ours = await open(servers.etcd.port)
  const leaving = await ours.registry.announce(serverRecord({ id: 'game-1' }))
  await until(theirs.registry, () => theirs.registry.get('game-1') !== undefined)

  proxy.cut()
  await theirs.logged('lost the connection to etcd')
  await leaving.withdraw()
  await ours.registry.announce(serverRecord({ id: 'game-2' }))
  const { header } = (await etcd('kv/range', { key: btoa('x') })) as { header: { revision: string } }
  await etcd('kv/compaction', { revision: header.revision })
  proxy.mend()

  await theirs.logged('etcd has ended the watch')
  await until(theirs.registry, () => theirs.registry.get('game-2') !== undefined)
  await until(theirs.registry, () => theirs.registry.get('game-1') === undefined)
  await ours.registry.announce(serverRecord({ id: 'game-3' }))
  await until(theirs.registry, () => theirs.registry.get('game-3') !== undefined)
})

test('an etcd that has lost its data is filled again without anybody leaving', async () => {
  const [proxyOfOurs, proxyOfTheirs] = [await proxyTo(servers.etcd.port), await proxyTo(servers.etcd.port)]
  const ours = await open(proxyOfOurs.port)
  const theirs = await open(proxyOfTheirs.port, { leaseTtlSeconds: 10 })
  await ours.registry.announce(serverRecord({ id: 'game-1' }))
  await until(theirs.registry, () => theirs.registry.get('game-1') !== undefined)

  proxyOfOurs.cut()
  proxyOfTheirs.cut()
  proxyOfOurs.mend(other.etcd.port)
  proxyOfTheirs.mend(other.etcd.port)
  const witness = await open(other.etcd.port)
  await until(witness.registry, () => witness.registry.get('game-1') !== undefined)
  await witness.registry.announce(serverRecord({ id: 'game-2' }))
  await until(theirs.registry, () => theirs.registry.get('game-2') !== undefined)
  await theirs.logged('etcd counts its revisions anew')
  expect(kinds(theirs.events, 'game-1')).toEqual(['joined'])
})

test('waits for an etcd that is not there yet, until it is told to stop', async () => {
  const proxy = await proxyTo(servers.etcd.port)
  proxy.cut()
  const reasons: unknown[] = []
  const opening = openEtcdRegistry({
    hosts: [`http://127.0.0.1:${proxy.port}`],
    env,
    leaseTtlSeconds: 1,
    resyncMs: 60_000,
    clock: systemClock,
    random: Math.random,
    log: createLogger({ level: 'silent', write: () => {} }),
    metrics: createMetrics({ service: 'test' }),
    onFailure: (error) => {
      reasons.push(error)
      if (reasons.length === 2) proxy.mend()
    },
  })
  const registry = await opening
  opened.push(() => registry.close())
  expect(reasons.length).toBeGreaterThanOrEqual(2)

  proxy.cut()
  const stop = new AbortController()
  const aborted = open(proxy.port, { signal: stop.signal })
  stop.abort(new Error('told to stop'))
  await expect(aborted).rejects.toThrow('told to stop')
})

test('closes in time while etcd is away', async () => {
  const proxy = await proxyTo(servers.etcd.port)
  const { registry, lines } = await open(proxy.port)
  await registry.announce(serverRecord())
  proxy.cut()
  await registry.close()
  expect(lines.some((line) => line.includes('stays in etcd until its lease runs out'))).toBe(true)
})

test('leaves entries out that are no records', async () => {
  const { registry, logged } = await open(servers.etcd.port)
  const put = (key: string, value: string) =>
    etcd('kv/put', { key: btoa(`${serversPrefix(env)}${key}`), value: btoa(value) })
  await put('game/bad-1', 'not json')
  await put('game/bad-2', JSON.stringify(serverRecord({ id: 'another' })))
  await logged('a registry entry was left out')
  await registry.announce(serverRecord({ id: 'good' }))
  expect(registry.list('game').map(({ id }) => id)).toEqual(['good'])
})
