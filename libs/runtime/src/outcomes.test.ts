import { expect, test } from 'vitest'
import { createMetrics } from './metrics.ts'
import { Outcomes } from './outcomes.ts'

test('counts by route and code, and times by route', async () => {
  const metrics = createMetrics({ service: 'gate' })
  const outcomes = new Outcomes(
    metrics.counter({ name: 'ended_total', help: 'Ended.', labels: ['route', 'code'] }),
    metrics.histogram({ name: 'took_seconds', help: 'Took.', labels: ['route'], buckets: [1] }),
  )
  outcomes.note('a.b.c', 'OK', 0.5)
  outcomes.note('a.b.c', 'OK', 2)
  outcomes.note('a.b.c', 'TIMEOUT', 5)
  const text = await metrics.expose()
  expect(text).toContain('ended_total{route="a.b.c",code="OK",service="gate"} 2')
  expect(text).toContain('ended_total{route="a.b.c",code="TIMEOUT",service="gate"} 1')
  expect(text).toContain('took_seconds_bucket{le="1",route="a.b.c",service="gate"} 1')
  expect(text).toContain('took_seconds_count{route="a.b.c",service="gate"} 3')
})
