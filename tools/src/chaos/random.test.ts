import { expect, it } from 'vitest'
import { seededRandom, shuffled } from './random.ts'

it('a seed gives the same numbers each time, in [0, 1), and another seed others', () => {
  const draw = (seed: number) => Array.from({ length: 1_000 }, seededRandom(seed))
  expect(draw(7)).toEqual(draw(7))
  expect(draw(7)).not.toEqual(draw(8))
  expect(draw(7).every((value) => value >= 0 && value < 1)).toBe(true)
  expect(draw(7).reduce((sum, value) => sum + value) / 1_000).toBeCloseTo(0.5, 1)
})

it('shuffling keeps each item once, and comes to every order', () => {
  const random = seededRandom(1)
  const orders = new Set(Array.from({ length: 200 }, () => shuffled(['a', 'b', 'c'], random).join('')))
  expect([...orders].sort()).toEqual(['abc', 'acb', 'bac', 'bca', 'cab', 'cba'])
})
