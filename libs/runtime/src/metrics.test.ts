import { describe, expect, test } from 'vitest'
import { createMetrics } from './metrics.ts'
import { version } from './version.ts'

describe('createMetrics', () => {
  test('exposes counters, gauges and histograms with the service as label', async () => {
    const metrics = createMetrics({ service: 'gate' })
    const refused = metrics.counter({ name: 'refused_total', help: 'Refused.', labels: ['code'] })
    refused.inc({ code: 'BUSY' })
    refused.inc({ code: 'BUSY' }, 2)
    metrics.gauge({ name: 'queue_length', help: 'Length.' }).set(7)
    metrics.histogram({ name: 'call_seconds', help: 'Time.', buckets: [1, 2] }).observe(1.5)
    const text = await metrics.expose()
    expect(text).toContain('refused_total{code="BUSY",service="gate"} 3')
    expect(text).toContain('queue_length{service="gate"} 7')
    expect(text).toContain('call_seconds_bucket{le="1",service="gate"} 0')
    expect(text).toContain('call_seconds_bucket{le="2",service="gate"} 1')
  })

  test('adds up what the children of a set of labels count and observe, beside what is given with labels', async () => {
    const metrics = createMetrics({ service: 'gate' })
    const calls = metrics.counter({ name: 'calls_total', help: 'Calls.', labels: ['route'] })
    const [one, same, other] = ['a', 'a', 'b'].map((route) => calls.child({ route }))
    one?.inc()
    same?.inc(2)
    other?.inc()
    calls.inc({ route: 'a' })
    const seconds = metrics.histogram({ name: 's', help: 'S.', labels: ['route'], buckets: [1, 2] })
    for (const value of [0.5, 1, 1.5, 9]) seconds.child({ route: 'a' }).observe(value)
    seconds.observe(2, { route: 'a' })
    for (const text of [await metrics.expose(), await metrics.expose()]) {
      expect(text).toContain('calls_total{route="a",service="gate"} 4')
      expect(text).toContain('calls_total{route="b",service="gate"} 1')
      expect(text).toContain('# TYPE s histogram')
      expect(text).toContain('s_bucket{le="1",route="a",service="gate"} 2')
      expect(text).toContain('s_bucket{le="2",route="a",service="gate"} 4')
      expect(text).toContain('s_bucket{le="+Inf",route="a",service="gate"} 5')
      expect(text).toContain('s_sum{route="a",service="gate"} 14')
      expect(text).toContain('s_count{route="a",service="gate"} 5')
    }
  })

  test('asks a gauge with labels for all of its values, and forgets those that are gone', async () => {
    const metrics = createMetrics({ service: 'gate' })
    let kinds = ['uws', 'tcp']
    const collect = () => kinds.map((kind) => ({ labels: { kind }, value: 1 }))
    metrics.gauge({ name: 'connections', help: 'Connections.', labels: ['kind'], collect })
    expect(await metrics.expose()).toContain('connections{kind="tcp",service="gate"} 1')
    kinds = ['uws']
    const text = await metrics.expose()
    expect(text).toContain('connections{kind="uws",service="gate"} 1')
    expect(text).not.toContain('tcp')
  })

  test('asks a collected gauge at each scrape', async () => {
    const metrics = createMetrics({ service: 'gate' })
    let length = 1
    metrics.gauge({ name: 'queue_length', help: 'Length.', collect: () => length })
    expect(await metrics.expose()).toContain('queue_length{service="gate"} 1')
    length = 2
    expect(await metrics.expose()).toContain('queue_length{service="gate"} 2')
  })

  test('yields one metric for one name', async () => {
    const metrics = createMetrics({ service: 'gate' })
    const options = { name: 'made_total', help: 'Made.' }
    metrics.counter(options).inc()
    metrics.counter(options).inc()
    expect(await metrics.expose()).toContain('made_total{service="gate"} 2')
  })

  test('asks the newest collector of a gauge that was made again', async () => {
    const metrics = createMetrics({ service: 'gate' })
    for (const value of [1, 2]) metrics.gauge({ name: 'open', help: 'Open.', collect: () => value })
    expect(await metrics.expose()).toContain('open{service="gate"} 2')
  })

  test('exports what a counter is known to count before it happens', async () => {
    const metrics = createMetrics({ service: 'gate' })
    const known = [{ outcome: 'lost' }, { outcome: 'given' }]
    metrics
      .counter({ name: 'made_total', help: 'Made.', labels: ['outcome'], known })
      .inc({ outcome: 'given' })
    const text = await metrics.expose()
    expect(text).toContain('made_total{outcome="lost",service="gate"} 0')
    expect(text).toContain('made_total{outcome="given",service="gate"} 1')
  })

  test('waits for a collector that has to ask first', async () => {
    const metrics = createMetrics({ service: 'gate' })
    metrics.gauge({ name: 'open', help: 'Open.', collect: () => Promise.resolve(3) })
    expect(await metrics.expose()).toContain('open{service="gate"} 3')
  })

  test('describes what was made, also what has no value yet', () => {
    const metrics = createMetrics({ service: 'gate' })
    metrics.counter({ name: 'made_total', help: 'Made.', labels: ['kind'] })
    metrics.counter({ name: 'made_total', help: 'Made.', labels: ['kind'] })
    metrics.histogram({ name: 'call_seconds', help: 'Time.' })
    expect(metrics.describe()).toEqual([
      { name: 'made_total', type: 'counter', help: 'Made.', labels: ['kind'] },
      { name: 'call_seconds', type: 'histogram', help: 'Time.', labels: [] },
    ])
  })

  test('keeps two services of one process apart', async () => {
    const [gate, game] = [createMetrics({ service: 'gate' }), createMetrics({ service: 'game' })]
    gate.counter({ name: 'made_total', help: 'Made.' }).inc()
    expect(await game.expose()).not.toContain('made_total')
  })

  test('measures the process when asked', async () => {
    const text = await createMetrics({ service: 'gate', processMetrics: true }).expose()
    expect(text).toContain('process_cpu_seconds_total')
    expect(text).toContain(
      `hydra_build_info{version="${version}",node="${process.versions.node}",service="gate"} 1`,
    )
    expect(text).toMatch(/hydra_process_heap_limit_bytes\{service="gate"\} \d{8,}/)
  })
})
