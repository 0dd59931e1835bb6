import { describe, expect, it } from 'vitest'
import { seededRandom } from '../random.ts'
import { Histogram } from './histogram.ts'

describe('a histogram', () => {
  it('has no figures when nothing was noted', () => {
    const empty = new Histogram()
    expect([empty.count, empty.meanMs, empty.maxMs, empty.quantile(0.99)]).toEqual([0, 0, 0, 0])
  })

  it('tells quantiles to a tenth, never less than they are', () => {
    const random = seededRandom(1)
    const durations = Array.from({ length: 5_000 }, () => 0.1 * 10_000 ** random())
    const histogram = new Histogram()
    for (const ms of durations) histogram.note(ms)
    durations.sort((a, b) => a - b)
    for (const share of [0.1, 0.5, 0.9, 0.99, 1]) {
      const exact = durations[Math.ceil(durations.length * share) - 1] ?? 0
      expect(histogram.quantile(share)).toBeGreaterThanOrEqual(exact)
      expect(histogram.quantile(share)).toBeLessThanOrEqual(exact * 1.1001)
    }
  })

  it('counts what is too short and what is too long', () => {
    const histogram = new Histogram()
    for (const ms of [0, 0.001, 1e9]) histogram.note(ms)
    expect([histogram.count, histogram.maxMs]).toEqual([3, 1e9])
    expect(histogram.quantile(0.5)).toBeLessThanOrEqual(0.05)
  })

  it('shows its buckets, each with what lies between it and the one before', () => {
    const histogram = new Histogram()
    for (const ms of [0.01, 3, 3.01, 40, 1e9]) histogram.note(ms)
    const buckets = [...histogram.buckets()]
    expect(buckets.map(({ count }) => count)).toEqual([1, 2, 1, 1])
    const ends = buckets.map(({ upToMs }) => upToMs)
    expect(ends[0]).toBe(0.05)
    expect(ends[1]).toBeCloseTo(3.01, 0)
    expect(ends[2]).toBeGreaterThanOrEqual(40)
    expect(ends[3]).toBe(1e9)
  })

  it('together with another one is as if all had been noted in it', () => {
    const [a, b, both] = [new Histogram(), new Histogram(), new Histogram()]
    for (const ms of [1, 5, 9]) for (const each of [a, both]) each.note(ms)
    for (const ms of [2, 70]) for (const each of [b, both]) each.note(ms)
    a.add(b)
    for (const share of [0.2, 0.5, 0.8, 1]) expect(a.quantile(share)).toBe(both.quantile(share))
    expect([a.count, a.meanMs, a.maxMs]).toEqual([both.count, both.meanMs, both.maxMs])
  })
})
