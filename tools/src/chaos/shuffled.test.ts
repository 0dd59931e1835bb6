import { seededRandom } from '@hydra/bots'
import { expect, it } from 'vitest'
import { shuffled } from './shuffled.ts'

it('shuffling keeps each item once, and comes to every order', () => {
  const random = seededRandom(1)
  const orders = new Set(Array.from({ length: 200 }, () => shuffled(['a', 'b', 'c'], random).join('')))
  expect([...orders].sort()).toEqual(['abc', 'acb', 'bac', 'bca', 'cab', 'cba'])
})
