import { afterEach, expect, test } from 'vitest'
import { systemClock } from '../clock.ts'
import { createLogger } from '../logger.ts'
import { createMetrics } from '../metrics.ts'
import { startCollector, type Collector } from './collector.fixture.ts'
import { openTracer } from './open-tracer.ts'
import { noTracer } from './tracer.ts'
import { tracingConfigSchema } from './tracing-config.ts'

const collectors: Collector[] = []
afterEach(async () => {
  for (const collector of collectors.splice(0)) await collector.close()
})

async function open(settings: Record<string, unknown>, random = () => 0) {
  const metrics = createMetrics({ service: 'test' })
  const lines: Record<string, unknown>[] = []
  const log = createLogger({
    level: 'warn',
    write: (line) => lines.push(JSON.parse(line) as Record<string, unknown>),
  })
  const config = tracingConfigSchema.parse({ sampleRatio: 1, batchDelayMs: 10, ...settings })
  const tracer = await openTracer(config, { service: 'test', clock: systemClock, log, metrics, random })
  const count = async (outcome: string) => {
    const line = (await metrics.expose()).split('\n').find((one) => one.includes(`outcome="${outcome}"`))
    return Number(line?.split(' ').at(-1) ?? 0)
  }
  return { tracer, count, lines }
}

async function collector(answer?: number | 'hang'): Promise<Collector> {
  const started = await startCollector(answer)
  collectors.push(started)
  return started
}

test('without an endpoint, or with nothing to sample, there is no tracing', async () => {
  const { endpoint } = await collector()
  expect((await open({})).tracer).toBe(noTracer)
  expect((await open({ endpoint, sampleRatio: 0 })).tracer).toBe(noTracer)
  expect((await open({ endpoint })).tracer).not.toBe(noTracer)
})

test('samples as the ratio says where a trace begins, and as the caller says where one goes on', async () => {
  const { endpoint } = await collector()
  let next = 0
  const { tracer } = await open({ endpoint, sampleRatio: 0.25 }, () => next)
  expect(tracer.begin('one').recording).toBe(true)
  next = 0.25
  const unsampled = tracer.begin('two')
  expect(unsampled.recording).toBe(false)
  expect(unsampled.traceparent).toMatch(/^00-[0-9a-f]{32}-[0-9a-f]{16}-00$/)
  expect(unsampled.start('below').traceId).toBe(unsampled.traceId)

  const parent = '0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331'
  const followed = tracer.follow(`00-${parent}-01`, 'three')
  expect([followed.recording, followed.traceId]).toEqual([true, parent.slice(0, 32)])
  expect(followed.traceparent).toBe(`00-${followed.traceId}-${followed.spanId}-01`)
  expect(followed.start('below').traceId).toBe(followed.traceId)
  expect(tracer.follow(`00-${parent}-00`, 'four')).toMatchObject({
    recording: false,
    traceparent: `00-${parent}-00`,
  })
  // What is no traceparent begins a trace of its own.
  next = 0
  for (const wrong of [
    '',
    `00-${'0'.repeat(32)}-b7ad6b7169203331-01`,
    `ff-${parent}-01`,
    `00-${parent}-01-more`,
  ])
    expect(tracer.follow(wrong, 'five')).toMatchObject({ recording: true })
  await tracer.close()
})

test('sends with the headers that the endpoint asks for, and sends what is left at the end', async () => {
  const { endpoint, requests } = await collector()
  const headers = ['authorization=Bearer a=b', 'x-tenant=hydra']
  const { tracer, count } = await open({
    endpoint,
    headers,
    batchDelayMs: 60_000,
    batchMax: 2,
    flushTimeoutMs: 5_000,
  })
  for (const name of ['one', 'two', 'three', 'four', 'five']) tracer.begin(name).end()
  await tracer.close()
  expect(await count('exported')).toBe(5)
  expect(requests).toHaveLength(3)
  expect(requests[0]?.headers).toMatchObject({ authorization: 'Bearer a=b', 'x-tenant': 'hydra' })
  expect(Buffer.concat(requests.map(({ body }) => body)).includes('hydra-test')).toBe(true)
  // Ended after the end: counted, and nothing else.
  tracer.begin('six').end()
  expect(await count('dropped')).toBe(1)
})

test('ends a span once', async () => {
  const { endpoint } = await collector()
  const { tracer, count } = await open({ endpoint, flushTimeoutMs: 5_000 })
  const span = tracer.begin('one')
  span.end()
  span.end('INTERNAL')
  await tracer.close()
  expect(await count('exported')).toBe(1)
})

test.each([
  ['refuses', 400],
  ['is in trouble', 503],
  ['does not answer', 'hang'],
] as const)(
  'an endpoint that %s costs spans, which are counted, and no time at the end',
  async (_, answer) => {
    const { endpoint } = await collector(answer)
    const { tracer, count, lines } = await open({
      endpoint,
      queueMax: 10,
      batchMax: 5,
      batchDelayMs: 60_000,
      exportTimeoutMs: 100,
      flushTimeoutMs: 5_000,
    })
    for (let index = 0; index < 100; index++) tracer.begin('one').end()
    await tracer.close()
    const [dropped, failed] = [await count('dropped'), await count('failed')]
    expect(dropped + failed).toBe(100)
    expect(failed).toBeGreaterThanOrEqual(5)
    expect(dropped).toBeGreaterThanOrEqual(80)
    expect(lines).toContainEqual(expect.objectContaining({ msg: 'spans could not be sent', endpoint }))
  },
)

test('stops waiting for an endpoint that does not answer', async () => {
  const { endpoint } = await collector('hang')
  const { tracer, lines } = await open({
    endpoint,
    exportTimeoutMs: 600_000,
    batchDelayMs: 60_000,
    flushTimeoutMs: 20,
  })
  tracer.begin('one').end()
  await tracer.close()
  expect(lines).toEqual([expect.objectContaining({ msg: 'spans were not sent before the end', left: 1 })])
})
