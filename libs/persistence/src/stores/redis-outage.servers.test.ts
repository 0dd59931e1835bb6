import { createMetrics, systemClock, type LogFields, type Logger } from '@hydra/runtime'
import { eventually, startServers, type ServerSet } from '@hydra/testing'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { createRedisStores } from './create-redis-stores.ts'
import { RedisLink } from './redis-link.ts'
import type { Stores } from './stores.ts'

let servers: ServerSet<'redis'>
let link: RedisLink
let stores: Stores
const lines: string[] = []
const links: RedisLink[] = []

const write = (_: LogFields, message: string) => void lines.push(message)
const log: Logger = { debug: write, info: write, warn: write, error: write, child: () => log }

beforeAll(async () => {
  servers = await startServers({ which: ['redis'], durable: true })
}, 60_000)
beforeEach(async () => {
  lines.length = 0
  link = new RedisLink(
    {
      url: servers.redis.url,
      connectTimeoutMs: 1_000,
      commandTimeoutMs: 200,
      retryMinMs: 10,
      retryMaxMs: 50,
    },
    { clock: systemClock, log, metrics: createMetrics({ service: 'test' }), random: Math.random },
  )
  links.push(link)
  stores = createRedisStores(link, 'outage:', { clock: systemClock })
  await link.ping()
})
afterAll(async () => {
  await Promise.all(links.map((opened) => opened.close()))
  await servers.close()
})

const bind = () => stores.sessions.bind({ uid: 'u-1', gateId: 'g', sessionId: 's' })
const unavailable = { code: 'STORAGE_UNAVAILABLE', cause: expect.any(Error) }
const back = () => eventually(async () => (await link.ping()) === undefined)

test('a server that dies and comes back is used again, scripts included', async () => {
  const before = await bind()
  await servers.redis.kill()
  await expect(bind()).rejects.toMatchObject(unavailable)
  await servers.redis.restart()
  await back()
  const after = await bind()
  expect(after.replaced).toMatchObject({ epoch: before.epoch })
  expect(after.epoch).toBeGreaterThan(before.epoch)
  expect(lines).toEqual(['redis connection lost; reconnecting', 'redis connection is back'])
})

test('calls that were under way when the connection went fail at once and are not sent again', async () => {
  const append = (text: string) =>
    stores.chatLog.append('world', [{ from: { rid: 'r', name: 'n' }, text, sentAtMs: systemClock.nowMs() }], {
      ceiling: 1_000,
      floor: 0,
      archive: false,
    })
  await append('first')
  await servers.redis.pause()
  const calls = Array.from({ length: 50 }, (_, index) => append(`${index}`))
  const results = Promise.allSettled(calls)
  await servers.redis.kill()
  for (const result of await results)
    expect(result).toMatchObject({ status: 'rejected', reason: unavailable })
  await servers.redis.restart()
  await back()
  expect(await append('last')).toMatchObject({ kind: 'stored', messages: [{ seq: 2 }] })
})

test('a server that hangs costs each call its time-out only, and is used again when it answers', async () => {
  await servers.redis.pause()
  await expect(bind()).rejects.toMatchObject(unavailable)
  await expect(stores.roleJournal.append([])).resolves.toEqual({ fenced: [] })
  servers.redis.resume()
  await back()
  await bind()
})

test('a connection that was made after an outage is not ended by what belonged to the one before', async () => {
  await servers.redis.pause()
  const binding = Promise.allSettled([bind()])
  await servers.redis.kill()
  await binding
  await servers.redis.restart()
  await back()
  // Longer than every time-out of the connection that was lost.
  const endMs = performance.now() + 700
  while (performance.now() < endMs) await link.ping()
})

test('while it is down, nothing is queued', async () => {
  await servers.redis.stop()
  await expect(link.ping()).rejects.toMatchObject(unavailable)
  const results = await Promise.allSettled(Array.from({ length: 100 }, bind))
  for (const result of results) expect(result).toMatchObject({ status: 'rejected', reason: unavailable })
  await servers.redis.restart()
  await back()
})

test('the scripts are sent again to a server that has forgotten them', async () => {
  await bind()
  await link.run((redis) => redis.script('FLUSH'))
  await bind()
  const snapshot = { rid: 'r', uid: 'u', name: 'n', level: 1, epoch: 1, version: 1, schema: 1, data: {} }
  await stores.roleJournal.append([snapshot])
  await link.run((redis) => redis.script('FLUSH'))
  const batch = [snapshot, { ...snapshot, rid: 'r-2' }]
  expect(await stores.roleJournal.append(batch)).toEqual({ fenced: [] })
})

test('closing does not wait for a server that hangs', async () => {
  await servers.redis.pause()
  const binding = Promise.allSettled([bind()])
  await link.close()
  expect(await binding).toMatchObject([{ status: 'rejected', reason: unavailable }])
  servers.redis.resume()
})
