import { describe, expect, it } from 'vitest'
import { grown, quantileBetween, type Metrics } from './metrics.ts'

const readings = (...counts: readonly number[]): Metrics =>
  new Map(['0.01', '0.1', '+Inf'].map((le, index) => [`t_seconds_bucket{le="${le}"}`, counts[index] ?? 0]))

describe('a quantile between two readings', () => {
  it('lies within its bucket', () => {
    const [before, after] = [readings(100, 100, 100), readings(150, 200, 200)]
    expect(quantileBetween(before, after, 't_seconds', 0.5)).toBeCloseTo(0.01)
    expect(quantileBetween(before, after, 't_seconds', 0.75)).toBeCloseTo(0.055)
    expect(quantileBetween(before, after, 't_seconds', 1)).toBeCloseTo(0.1)
  })

  it('is infinite above the last bound, and none of nothing', () => {
    expect(quantileBetween(readings(0, 0, 0), readings(1, 1, 9), 't_seconds', 0.99)).toBe(Infinity)
    expect(quantileBetween(readings(1, 1, 1), readings(1, 1, 1), 't_seconds', 0.99)).toBeNaN()
  })
})

it('a counter grows by all of its label sets', () => {
  const before = new Map([['c_total{a="1"}', 1]])
  const after = new Map([
    ['c_total{a="1"}', 3],
    ['c_total{a="2"}', 5],
    ['c_total_other', 100],
  ])
  expect(grown(before, after, 'c_total')).toBe(7)
})
