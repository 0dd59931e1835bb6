import { createCountingIds } from '@hydra/runtime'
import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { createTraces, formatTraceparent, isTraceparent, parseTraceparent } from './traceparent.ts'

test('makes traces of the standard form, all different, in every process others', () => {
  const ids = createCountingIds('p')
  const [one, two] = [createTraces(ids), createTraces(ids)]
  const made = Array.from({ length: 2_000 }, () => [one(), two()].map(formatTraceparent)).flat()
  expect(new Set(made.map((value) => value.slice(3, 35))).size).toBe(made.length)
  for (const value of made) expect(isTraceparent(value)).toBe(true)
})

test('knows what is none', () => {
  const valid = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01'
  expect(isTraceparent(valid)).toBe(true)
  for (const value of [valid.slice(1), `${valid}0`, valid.toUpperCase(), valid.replace('-', '_'), 7, null])
    expect(isTraceparent(value)).toBe(false)
  expect(() => parseTraceparent('00-xyz')).toThrow(expect.objectContaining({ code: 'BAD_REQUEST' }))
})

test('comes through its form as bytes unchanged', () => {
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 26, maxLength: 26 }), (trace) => {
      expect(Array.from(parseTraceparent(formatTraceparent(trace)))).toEqual(Array.from(trace))
    }),
  )
})
