import { createMetrics } from '@hydra/runtime'
import { expect, it } from 'vitest'
import { parseExposition } from './exposition.ts'

it('reads what a service writes', async () => {
  const metrics = createMetrics({ service: 'gate' })
  const text = 'a "quoted" \\ and\na second line'
  metrics.counter({ name: 'a_total', help: 'Has two\nlines.', labels: ['kind'] }).inc({ kind: text }, 3)
  metrics.counter({ name: 'b_count', help: 'No histogram.' }).inc()
  metrics.histogram({ name: 'c_seconds', help: 'Time.', buckets: [1] }).observe(0.5)
  metrics.counter({ name: 'd_total', help: 'Has no value yet.', labels: ['kind'] })
  const families = parseExposition(await metrics.expose())
  const service = 'gate'
  expect([...families.values()]).toEqual([
    {
      name: 'a_total',
      type: 'counter',
      help: 'Has two\nlines.',
      samples: [{ name: 'a_total', labels: { kind: text, service }, value: 3 }],
    },
    {
      name: 'b_count',
      type: 'counter',
      help: 'No histogram.',
      samples: [{ name: 'b_count', labels: { service }, value: 1 }],
    },
    {
      name: 'c_seconds',
      type: 'histogram',
      help: 'Time.',
      samples: [
        { name: 'c_seconds_bucket', labels: { le: '1', service }, value: 1 },
        { name: 'c_seconds_bucket', labels: { le: '+Inf', service }, value: 1 },
        { name: 'c_seconds_sum', labels: { service }, value: 0.5 },
        { name: 'c_seconds_count', labels: { service }, value: 1 },
      ],
    },
    { name: 'd_total', type: 'counter', help: 'Has no value yet.', samples: [] },
  ])
})

it('names a line that it cannot read', () => {
  expect(() => parseExposition('up 1\n<html>')).toThrow('<html>')
})
