import { expect, it } from 'vitest'
import { between, damageOf } from './dice.ts'

const almostOne = 1 - Number.EPSILON

it('a number lies between two, both included', () => {
  expect([0, 0.49, 0.5, almostOne].map((value) => between(3, 4, () => value))).toEqual([3, 3, 4, 4])
  expect(between(7, 7, () => almostOne)).toBe(7)
})

it('damage is whole, spread about the attack, and at least 1', () => {
  expect([0, 0.5, almostOne].map((value) => damageOf(10, 0.2, () => value))).toEqual([8, 10, 12])
  expect(damageOf(1, 0.2, () => 0)).toBe(1)
  expect(damageOf(1, 1, () => 0)).toBe(1)
})
