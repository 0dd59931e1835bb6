import { once } from 'node:events'
import { createServer, type AddressInfo } from 'node:net'
import { createMemoryCluster } from '@hydra/rpc'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { Readiness, systemClock } from '@hydra/runtime'
import { deriveScrypt, type Derive } from './account/password.ts'
import { createTestApp, gateRecord, openTestStorage, type TestAppOptions } from './app.fixture.ts'

let storage: Awaited<ReturnType<typeof openTestStorage>>
beforeAll(async () => {
  storage = await openTestStorage()
})
afterAll(() => storage.close())

const stops: (() => Promise<void>)[] = []
afterEach(async () => {
  for (const stop of stops.splice(0)) await stop()
})
const create = (options: Partial<TestAppOptions> = {}) => {
  const made = createTestApp({ storage, ...options })
  stops.push(() => made.app.stop())
  return made
}
const start = async (options: Partial<TestAppOptions> = {}) => {
  const made = create(options)
  await made.start()
  return made
}
const json = async (response: Response): Promise<unknown> => [response.status, await response.json()]
const password = 'correct horse'

/** A hash function that waits until it is let go. */
function gated() {
  let onAsked = (): void => {}
  let go = (): void => {}
  const asked = new Promise<void>((resolve) => (onAsked = resolve))
  const gate = new Promise<void>((resolve) => (go = resolve))
  const derive: Derive = async (...args) => {
    onAsked()
    await gate
    return deriveScrypt(...args)
  }
  return { asked, go, derive }
}

describe('server list', () => {
  test('shows the gates that are ready, from the first to the last moment', async () => {
    const { call, registry } = await start()
    const list = async () => (await call('/serverList?serverType=gate')).json()
    expect(await list()).toEqual({ servers: [] })
    const announcement = await registry.announce(gateRecord())
    expect(await list()).toEqual({
      servers: [{ id: 'gate-1', type: 'gate', zone: 'z1', host: 'play.example', port: 3_250 }],
    })
    await announcement.update({ state: 'draining' })
    expect(await list()).toEqual({ servers: [] })
    await announcement.update({ state: 'ready' })
    await announcement.withdraw()
    expect(await list()).toEqual({ servers: [] })
  })
})

describe('start', () => {
  test('announces the service and then is ready', async () => {
    const { call, registry } = await start()
    const [record] = registry.list('http')
    expect(record).toMatchObject({ type: 'http', host: 'here', zone: 'z1', state: 'ready' })
    expect(String(record?.port)).toBe(new URL((await call('/healthz')).url).port)
    expect(await json(await call('/readyz'))).toEqual([200, { status: 'ready' }])
  })

  test('opens the socket before its backends, and is not ready until they are there', async () => {
    const readiness = new Readiness({ clock: systemClock })
    const forget = readiness.add({
      name: 'mysql',
      check: () => Promise.reject(new Error('connect ECONNREFUSED')),
    })
    let connect: (ready: typeof storage) => void = () => {}
    const connecting = new Promise<typeof storage>((resolve) => (connect = resolve))
    const service = create({ change: { storage: connecting, readiness } })
    const started = service.start()
    await expect.poll(() => service.lines.map(({ msg }) => msg)).toContain('listening')
    service.listening()
    expect((await service.call('/healthz')).status).toBe(200)
    expect(await json(await service.call('/readyz'))).toEqual([503, { status: 'starting' }])
    expect(await json(await service.post('/account/login', { username: 'ann', password }))).toMatchObject([
      503,
      { code: 'STORAGE_UNAVAILABLE' },
    ])
    expect(await json(await service.call('/serverList?serverType=gate'))).toMatchObject([
      503,
      { code: 'NO_SERVER' },
    ])
    forget()
    connect(storage)
    await started
    expect((await service.call('/readyz')).status).toBe(200)
  })

  test('ends when it is aborted while a backend is missing', async () => {
    const controller = new AbortController()
    const service = create({ change: { storage: new Promise(() => {}) } })
    const started = service.start(controller.signal)
    controller.abort(new Error('stopping'))
    await expect(started).rejects.toThrow('stopping')
    await service.app.stop()
    expect(service.registry.list('http')).toEqual([])
  })

  test('rejects when its port is taken', async () => {
    const other = createServer().listen(0, '127.0.0.1')
    await once(other, 'listening')
    const { port } = other.address() as AddressInfo
    await expect(create({ sections: { http: { port } } }).start()).rejects.toThrow('EADDRINUSE')
    other.close()
  })
})

describe('stop', () => {
  test('finishes the answers under way, withdraws, and takes nothing new', async () => {
    const { derive, asked, go } = gated()
    const cluster = createMemoryCluster()
    const { app, post, call } = await start({ cluster, derive })
    const register = post('/account/register', { username: 'late', password })
    await asked
    const stopped = app.stop()
    await expect.poll(() => cluster.registry.list('http')).toEqual([])
    go()
    expect((await register).status).toBe(200)
    await stopped
    await expect(call('/healthz')).rejects.toThrow('fetch failed')
  })
})

describe('requests without a body', () => {
  test.each([
    ['POST', '/account/login', 400, 'BAD_REQUEST'],
    ['POST', '/account/register', 400, 'BAD_REQUEST'],
    ['PUT', '/account/login', 405, 'ROUTE_UNKNOWN'],
    ['DELETE', '/account/login', 405, 'ROUTE_UNKNOWN'],
    ['DELETE', '/account/nosuch', 404, 'ROUTE_UNKNOWN'],
  ])('%s %s is refused, not a defect', async (method, path, status, code) => {
    const { call } = await start({})
    const response = await call(path, { method, headers: { 'content-type': 'application/json' } })
    expect(await json(response)).toMatchObject([status, { code }])
  })
})

describe('readiness', () => {
  test('names a database that is away', async () => {
    const lost = await openTestStorage()
    const { call, post } = await start({ storage: lost, change: { readiness: lost.readiness } })
    expect(await json(await call('/readyz'))).toEqual([200, { status: 'ready' }])
    await lost.database.close()
    expect(await json(await call('/readyz'))).toEqual([503, { status: 'failing' }])
    const answer = await json(await post('/account/login', { username: 'ann', password }))
    expect(answer).toMatchObject([503, { code: 'STORAGE_UNAVAILABLE' }])
  })
})

describe('bounds', () => {
  test('more passwords at once than may wait are refused, the others answered', async () => {
    const { derive, asked, go } = gated()
    const { post } = await start({ derive, sections: { password: { concurrencyMax: 1, queueMax: 0 } } })
    const first = post('/account/login', { username: 'ann', password })
    await asked
    expect(await json(await post('/account/login', { username: 'bob', password }))).toMatchObject([
      503,
      { code: 'SERVER_BUSY' },
    ])
    go()
    expect((await first).status).toBe(401)
  })

  test('attempts are limited by address and say when to come back', async () => {
    const { post, clock, work } = await start({
      sections: { attempts: { addressBurst: 2, addressPerMinute: 6 } },
    })
    const attempt = (username: string) => post('/account/login', { username, password })
    expect([(await attempt('ann')).status, (await attempt('bob')).status]).toEqual([401, 401])
    work.length = 0
    const refused = await attempt('cid')
    expect([refused.headers.get('retry-after'), await json(refused)]).toMatchObject([
      '10',
      [429, { code: 'RATE_LIMITED', metadata: { retryAfterMs: 10_000 } }],
    ])
    expect(work).toEqual([])
    clock.advance(10_000)
    expect((await attempt('cid')).status).toBe(401)
  })

  test('attempts are limited by name, registering included', async () => {
    const { post } = await start({ sections: { attempts: { usernameBurst: 1 } } })
    expect((await post('/account/login', { username: 'Dora', password })).status).toBe(401)
    expect((await post('/account/register', { username: 'dora', password })).status).toBe(429)
    expect((await post('/account/register', { username: 'emil', password })).status).toBe(200)
  })

  test('behind a proxy, each of its clients is counted', async () => {
    const sections = { http: { proxyHeader: 'X-Forwarded-For' }, attempts: { addressBurst: 1 } }
    const { call } = await start({ sections })
    const attempt = async (address: string, username: string) => {
      const headers = { 'content-type': 'application/json', 'x-forwarded-for': address }
      const body = JSON.stringify({ username, password })
      return (await call('/account/login', { method: 'POST', headers, body })).status
    }
    expect([await attempt('1.1.1.1', 'ann'), await attempt('1.1.1.1', 'bob')]).toEqual([401, 429])
    expect(await attempt('2.2.2.2', 'cid')).toBe(401)
  })
})

describe('web pages', () => {
  const preflight = {
    method: 'OPTIONS',
    headers: {
      origin: 'https://play.example',
      'access-control-request-method': 'POST',
      'access-control-request-headers': 'content-type',
    },
  }
  const allowed = async (sections: NonNullable<TestAppOptions['sections']>) => {
    const { call } = await start({ sections })
    const response = await call('/account/login', preflight)
    return response.headers.get('access-control-allow-origin')
  }
  const production = { service: { mode: 'production' }, password: { costLog2: 17 } }

  test('may call from anywhere in development, from nowhere in production unless named', async () => {
    expect(await allowed({})).toBe('*')
    expect(await allowed({ http: { corsOrigins: ['https://play.example'] } })).toBe('https://play.example')
    expect(await allowed({ http: { corsOrigins: ['https://other.example'] } })).toBeNull()
    expect(await allowed(production)).toBeNull()
  })

  test('may send JSON', async () => {
    const { call } = await start()
    const response = await call('/account/login', preflight)
    expect(response.status).toBe(204)
    expect(response.headers.get('access-control-allow-headers')).toContain('content-type')
    expect(response.headers.get('access-control-allow-methods')).toContain('POST')
  })
})
