import { expect, it } from 'vitest'
import { oneAmong, seededRandom, seedOf } from './random.ts'

const draw = (seed: number) => Array.from({ length: 1_000 }, seededRandom(seed))

it('a seed gives the same numbers each time, in [0, 1), and another seed others', () => {
  expect(draw(7)).toEqual(draw(7))
  expect(draw(7)).not.toEqual(draw(8))
  expect(draw(7).every((value) => value >= 0 && value < 1)).toBe(true)
  expect(draw(7).reduce((sum, value) => sum + value) / 1_000).toBeCloseTo(0.5, 1)
})

it('parts of something have seeds of their own', () => {
  const seeds = [0, 1, 2, 3].flatMap((seed) => Array.from({ length: 1_000 }, (_, n) => seedOf(seed, n)))
  expect(new Set(seeds).size).toBe(seeds.length)
  expect(seedOf(7, 3)).toBe(seedOf(7, 3))
})

it('every item is chosen sooner or later, and none from nothing', () => {
  const random = seededRandom(1)
  expect([...new Set(Array.from({ length: 100 }, () => oneAmong(['a', 'b', 'c'], random)))].sort()).toEqual([
    'a',
    'b',
    'c',
  ])
  expect(() => oneAmong([], random)).toThrow(RangeError)
})
