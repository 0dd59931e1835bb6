import { createLogger, createMetrics, silentLogger, systemClock, type Metrics } from '@hydra/runtime'
import { eventually, startServers, type ServerSet } from '@hydra/testing'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { CutProxy } from '../cut-proxy.fixture.ts'
import type { Bus } from './bus.ts'
import { connectNatsBus } from './nats-bus.ts'

let servers: ServerSet<'nats'>
const opened: (() => Promise<void>)[] = []

beforeAll(async () => {
  servers = await startServers({ which: ['nats'] })
})
afterAll(() => servers.close())
afterEach(async () => {
  for (const close of opened.splice(0).reverse()) await close()
  if (servers.nats.pid === undefined) await servers.nats.restart()
})

async function open(
  port: number,
  signal?: AbortSignal,
): Promise<{ bus: Bus; metrics: Metrics; lines: string[] }> {
  const metrics = createMetrics({ service: 'test' })
  const lines: string[] = []
  const bus = await connectNatsBus({
    servers: [`127.0.0.1:${port}`],
    name: 'test',
    clock: systemClock,
    random: Math.random,
    log: createLogger({ level: 'debug', write: (line) => lines.push(line) }),
    metrics,
    reconnectWaitMs: 20,
    pingIntervalMs: 100,
    ...(signal === undefined ? {} : { signal }),
  })
  opened.push(() => bus.close())
  return { bus, metrics, lines }
}

const becomes = (bus: Bus, connected: boolean) =>
  new Promise<void>((resolve) => {
    if (bus.connected === connected) return resolve()
    const stop = bus.onConnectedChange((now) => {
      if (now !== connected) return
      stop()
      resolve()
    })
  })

/** Publishes and waits until it is received: proof that the whole path works. */
const arrives = (from: Bus, to: Bus, subject: string) =>
  new Promise<void>((resolve, reject) => {
    to.subscribe(subject, () => resolve())
      .then(() => from.publish(subject, new Uint8Array(1)))
      .catch(reject)
  })

test('refuses to publish while the server is down, and goes on by itself', async () => {
  const { bus, metrics } = await open(servers.nats.port)
  const received: number[] = []
  let wake = () => {}
  const arrived = new Promise<void>((resolve) => (wake = resolve))
  await bus.subscribe('kept', (payload) => {
    received.push(payload[0] ?? -1)
    wake()
  })
  await servers.nats.kill()
  await becomes(bus, false)
  expect(() => bus.publish('kept', Uint8Array.of(1))).toThrow(
    expect.objectContaining({ code: 'SERVER_GONE' }),
  )
  await expect(bus.flush()).rejects.toMatchObject({ code: 'SERVER_GONE' })

  await servers.nats.restart()
  await becomes(bus, true)
  bus.publish('kept', Uint8Array.of(2))
  await arrived
  expect(received).toEqual([2])
  expect(await metrics.expose()).toMatch(/hydra_nats_events_total\{.*event="reconnect".*\} 1/)
})

test('a subscription made while the server is down is there when it resolves', async () => {
  const { bus } = await open(servers.nats.port)
  await servers.nats.kill()
  await becomes(bus, false)
  const arriving = arrives(bus, bus, 'later')
  await servers.nats.restart()
  await arriving
})

test('gives a server up that has stopped answering, and returns to it', async () => {
  const { bus, lines } = await open(servers.nats.port)
  await servers.nats.pause()
  await becomes(bus, false)
  expect(lines.some((line) => line.includes('does not answer pings'))).toBe(true)
  servers.nats.resume()
  await becomes(bus, true)
  await arrives(bus, bus, 'after.pause')
})

test('notes that the server is about to stop', async () => {
  const { bus, metrics } = await open(servers.nats.port)
  // SIGUSR2 puts nats-server into lame duck mode; it then ends by itself.
  process.kill(servers.nats.pid ?? 0, 'SIGUSR2')
  await eventually(async () => /event="ldm"/.test(await metrics.expose()))
  await servers.nats.kill()
  await becomes(bus, false)
})

test('waits for a server that is not there yet, until it is told to stop', async () => {
  const proxy = await CutProxy.to(servers.nats.port)
  opened.push(() => proxy.close())
  proxy.cut()
  let failures = 0
  const bus = await connectNatsBus({
    servers: [`127.0.0.1:${proxy.port}`],
    name: 'test',
    clock: systemClock,
    random: Math.random,
    log: silentLogger,
    metrics: createMetrics({ service: 'test' }),
    onFailure: () => {
      failures++
      if (failures === 2) proxy.mend()
    },
  })
  opened.push(() => bus.close())
  expect(bus.connected).toBe(true)
  expect(failures).toBe(2)

  proxy.cut()
  const stop = new AbortController()
  const aborted = open(proxy.port, stop.signal)
  stop.abort(new Error('told to stop'))
  await expect(aborted).rejects.toThrow('told to stop')
})

test('closes while the server is down, and ends whoever waits', async () => {
  const { bus } = await open(servers.nats.port)
  await servers.nats.kill()
  await becomes(bus, false)
  const [subscribing] = await Promise.allSettled([bus.subscribe('never', () => {}), bus.close()])
  expect(subscribing).toMatchObject({ status: 'rejected', reason: { code: 'SERVER_GONE' } })
})
