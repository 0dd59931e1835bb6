import { createServer, type AddressInfo } from 'node:net'
import { once } from 'node:events'
import { afterEach, describe, expect, test } from 'vitest'
import { systemClock } from './clock.ts'
import { opsConfigSchema } from './config-sections.ts'
import type { HttpServer } from './http-server.ts'
import { silentLogger } from './logger.ts'
import { createMetrics } from './metrics.ts'
import { startOpsServer } from './ops-server.ts'
import { Readiness } from './readiness.ts'

const open: HttpServer[] = []
afterEach(async () => {
  for (const server of open.splice(0)) await server.close()
})

async function start(section: object) {
  const readiness = new Readiness({ clock: systemClock })
  const metrics = createMetrics({ service: 'gate' })
  const config = opsConfigSchema(9101).parse(section)
  const server = await startOpsServer({ config, readiness, metrics, clock: systemClock, log: silentLogger })
  if (server !== undefined) open.push(server)
  const base = `http://127.0.0.1:${server?.address.port}`
  const get = (path: string, headers: Record<string, string> = {}) => fetch(base + path, { headers })
  return { readiness, metrics, server, get }
}

describe('operations endpoint', () => {
  test('says that the process is alive while it still starts', async () => {
    const { get } = await start({ port: 0 })
    const response = await get('/healthz')
    expect([response.status, await response.json()]).toEqual([200, { status: 'alive' }])
  })

  test('answers 503 with each check until everything is ready, then 200', async () => {
    const { readiness, get } = await start({ port: 0 })
    const remove = readiness.add({ name: 'mysql', check: () => Promise.reject(new Error('ECONNREFUSED')) })
    readiness.started()
    const before = await get('/readyz')
    expect([before.status, await before.json()]).toEqual([
      503,
      { status: 'failing', checks: { mysql: 'ECONNREFUSED' } },
    ])
    remove()
    const after = await get('/readyz')
    expect([after.status, await after.json()]).toEqual([200, { status: 'ready', checks: {} }])
  })

  test('exposes the metrics as Prometheus text', async () => {
    const { metrics, get } = await start({ port: 0 })
    metrics.counter({ name: 'made_total', help: 'Made.' }).inc()
    const response = await get('/metrics')
    expect(response.headers.get('content-type')).toContain('version=0.0.4')
    expect(await response.text()).toContain('made_total{service="gate"} 1')
  })

  test('with a token shows metrics and checks only to those who show it, and probes to everybody', async () => {
    const token = 'token-of-this-test'
    const { readiness, get } = await start({ port: 0, token })
    readiness.add({ name: 'mysql', check: () => Promise.reject(new Error('ECONNREFUSED')) })
    readiness.started()
    for (const authorization of ['', 'Bearer', `Bearer ${token}x`, `bearer ${token}`, token]) {
      const refused = await get('/metrics', { authorization })
      expect([refused.status, await refused.text()]).toEqual([401, ''])
      const ready = await get('/readyz', { authorization })
      expect([ready.status, await ready.json()]).toEqual([503, { status: 'failing' }])
    }
    expect((await get('/healthz')).status).toBe(200)
    const authorization = `Bearer ${token}`
    expect((await get('/metrics', { authorization })).status).toBe(200)
    expect(await (await get('/readyz', { authorization })).json()).toMatchObject({
      checks: { mysql: 'ECONNREFUSED' },
    })
  })

  test('can be turned off', async () => {
    const { server } = await start({ enabled: false })
    expect(server).toBeUndefined()
  })

  test('rejects when its port is taken', async () => {
    const other = createServer().listen(0, '127.0.0.1')
    await once(other, 'listening')
    const { port } = other.address() as AddressInfo
    await expect(start({ port })).rejects.toThrow('EADDRINUSE')
    other.close()
  })

  test('closes although a client keeps its connection open', async () => {
    const { server, get } = await start({ port: 0 })
    await (await get('/healthz')).text()
    await server?.close()
    await server?.close()
    await expect(get('/healthz')).rejects.toThrow('fetch failed')
  })
})
