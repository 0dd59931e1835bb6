import { describe, expect, it } from 'vitest'
import { misfits } from './check-expression.ts'

const metric = { unit: '' as const, help: 'X.' }
const known = {
  catalogue: {
    metrics: [
      { ...metric, name: 'a_total', type: 'counter' as const, labels: ['code'], services: ['gate' as const] },
      { ...metric, name: 'b', type: 'gauge' as const, labels: ['kind'], services: ['game' as const] },
      {
        ...metric,
        name: 'c_seconds',
        type: 'histogram' as const,
        labels: ['route'],
        services: ['game' as const],
      },
    ],
  },
  foreign: [{ name: 'up', labels: [] }],
}

describe('an expression', () => {
  it.each([
    'sum by (instance, code) (rate(a_total{service="gate", code!="OK"}[5m]))',
    'b{kind=~"x|y"} > 1',
    'histogram_quantile(0.99, sum by (le, route) (rate(c_seconds_bucket[5m])))',
    'rate(c_seconds_sum[5m]) / rate(c_seconds_count[5m])',
    'sum(a_total unless a_total offset 10m) > 0',
    'absent(up{job="x"}) or increase((a_total)[5m:1m]) > 0',
  ])('%s fits', (expression) => expect(misfits(expression, known)).toEqual([]))

  it.each([
    ['rate(d_total[5m])', 'nothing exports d_total'],
    ['rate(c_seconds[5m])', 'nothing exports c_seconds'],
    ['rate(a_total{kind="x"}[5m])', 'a_total has no label kind'],
    ['rate(a_total{service="game"}[5m])', 'game does not export a_total'],
    ['sum by (route) (b)', 'no metric here has the label route'],
    ['sum by (le) (rate(c_seconds_sum[5m]))', 'no metric here has the label le'],
    ['b / on (code) b', 'no metric here has the label code'],
    ['a_total > 1', 'a_total only grows; read it through rate or increase'],
    ['rate(b[5m])', 'b goes up and down; rate makes no sense of it'],
  ])('%s does not', (expression, complaint) => expect(misfits(expression, known)).toEqual([complaint]))

  it.each(['sum(b', 'b{kind=}', 'rate(b)[', ''])('"%s" is none', (expression) =>
    expect(() => misfits(expression, known)).toThrow('PromQL'),
  )
})
