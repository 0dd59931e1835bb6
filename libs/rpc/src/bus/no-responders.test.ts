import { expect, test } from 'vitest'
import { NoResponders } from './no-responders.ts'

test('finds the newest callbacks by their tokens and forgets the oldest', () => {
  const callbacks = new NoResponders(3)
  const told: number[] = []
  const tokens = [0, 1, 2, 3, 4].map((count) => callbacks.add(() => told.push(count)))
  for (const token of tokens) callbacks.find(token)?.()
  expect(told).toEqual([2, 3, 4])
})

test('finds nothing for tokens that it never gave', () => {
  const callbacks = new NoResponders(3)
  callbacks.add(() => {})
  for (const token of ['x', '-1', '1', '3', '0.5', 'NaN']) expect(callbacks.find(token)).toBeUndefined()
})
