import { createMetrics, silentLogger, systemClock } from '@hydra/runtime'
import { eventually, startServers, type ServerSet } from '@hydra/testing'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { CutProxy } from '../cut-proxy.fixture.ts'
import type { Bus } from './bus.ts'
import { connectNatsBus } from './nats-bus.ts'

const mebibyte = 1024 * 1024
let servers: ServerSet<'nats'>
const opened: (() => Promise<void>)[] = []

beforeAll(async () => {
  servers = await startServers({ which: ['nats'] })
})
afterAll(() => servers.close())
afterEach(async () => {
  for (const close of opened.splice(0).reverse()) await close()
})

async function open(port: number) {
  const metrics = createMetrics({ service: 'test' })
  const bus = await connectNatsBus({
    servers: [`127.0.0.1:${port}`],
    name: 'test',
    clock: systemClock,
    random: Math.random,
    log: silentLogger,
    metrics,
    reconnectWaitMs: 20,
  })
  opened.push(() => bus.close())
  return { bus, metrics }
}

/** Publishes so much in messages of 64 KiB, as fast as the server takes it. */
async function flood(bus: Bus, subject: string, bytes: number): Promise<void> {
  const payload = new Uint8Array(64 * 1024)
  for (let sent = 0; sent < bytes; sent += payload.length) {
    bus.publish(subject, payload)
    if (sent % mebibyte === 0) await bus.flush()
  }
  await bus.flush()
}

test('a busy process holds no more than it has read in a turn, and gets everything in the end', async () => {
  const { bus: publisher } = await open(servers.nats.port)
  const { bus: reader, metrics } = await open(servers.nats.port)
  let received = 0
  let most = 0
  const waiting = async () =>
    Number(/^hydra_bus_inbound_bytes(?:\{.*\})? (\d+)/m.exec(await metrics.expose())?.[1])
  await reader.subscribe('flood', (payload) => {
    received += payload.length
    const busyUntilMs = performance.now() + 0.2
    while (performance.now() < busyUntilMs);
    if (received % mebibyte === 0) void waiting().then((bytes) => (most = Math.max(most, bytes)))
  })
  await flood(publisher, 'flood', 32 * mebibyte)
  await eventually(() => received === 32 * mebibyte)
  expect(most).toBeGreaterThan(0)
  expect(most).toBeLessThan(3 * mebibyte)
})

test('a reader that stays behind is cut off by the server, counts it, and returns', async () => {
  const proxy = await CutProxy.to(servers.nats.port)
  opened.push(() => proxy.close())
  const { bus: publisher } = await open(servers.nats.port)
  const { bus: reader, metrics } = await open(proxy.port)
  await reader.subscribe('flood', () => {})
  await reader.flush()
  proxy.pause()
  // The server keeps 64 MiB for a connection, for 10 s; it tells the client nothing but closes the connection.
  await flood(publisher, 'flood', 80 * mebibyte)
  proxy.resume()
  await eventually(async () => /event="reconnect".*\} 1/.test(await metrics.expose()))
  expect(await metrics.expose()).toMatch(/hydra_nats_events_total\{event="disconnect".*\} 1/)
  const arrived = new Promise<void>((resolve) => void reader.subscribe('again', () => resolve()))
  await reader.flush()
  publisher.publish('again', new Uint8Array(1))
  await arrived
})
