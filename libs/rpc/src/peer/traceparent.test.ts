import { createCountingIds } from '@hydra/runtime'
import { expect, test } from 'vitest'
import { createTraceparents, isTraceparent } from './traceparent.ts'

test('makes values of the standard form, all different, in every process others', () => {
  const ids = createCountingIds('p')
  const [one, two] = [createTraceparents(ids), createTraceparents(ids)]
  const made = Array.from({ length: 2_000 }, () => [one(), two()]).flat()
  expect(new Set(made.map((value) => value.slice(3, 35))).size).toBe(made.length)
  for (const value of made) expect(isTraceparent(value)).toBe(true)
})

test('knows what is none', () => {
  const valid = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01'
  expect(isTraceparent(valid)).toBe(true)
  for (const value of [valid.slice(1), `${valid}0`, valid.toUpperCase(), valid.replace('-', '_'), 7, null])
    expect(isTraceparent(value)).toBe(false)
})
