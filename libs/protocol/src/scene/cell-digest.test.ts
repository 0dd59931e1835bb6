import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { cellDigest } from './cell-digest.ts'
import type { SceneEntity } from './entity.ts'

const rat: SceneEntity = { i: 1, k: 'm', p: [10, 20], n: 'rat', l: 3, h: [5, 9] }

test('is a number that does not change from one version to the next', () => {
  expect(cellDigest([])).toBe(0)
  expect(cellDigest([rat])).toBe(1_901_291_848)
  expect(cellDigest([rat, { i: 2, k: 'l', p: [0, 0], n: 'pelt', q: 3, o: 'r1' }])).toBe(2_790_466_296)
})

test('does not depend on order, neither of entities nor of their components', () => {
  const others = [
    { ...rat, i: 2 },
    { ...rat, i: 3 },
    { ...rat, i: 4 },
  ]
  expect(cellDigest([rat, ...others])).toBe(cellDigest([...others.toReversed(), rat]))
  const { i, k, p, n, l, h } = rat
  expect(cellDigest([{ h, l, n, p, k, i }])).toBe(cellDigest([rat]))
  expect(cellDigest([{ ...rat, s: undefined }])).toBe(cellDigest([rat]))
})

test('differs with each component, with one more and with one less', () => {
  const others: SceneEntity[] = [
    { ...rat, i: 2 },
    { ...rat, k: 'l' },
    { ...rat, p: [20, 10] },
    { ...rat, n: 'bat' },
    { ...rat, r: 'r1' },
    { ...rat, l: 4 },
    { ...rat, h: [4, 9] },
    { ...rat, s: 'd' },
    { ...rat, q: 1 },
    { ...rat, o: 'r1' },
  ]
  const digests = [[rat], [], [rat, { ...rat, i: 2 }], ...others.map((other) => [other])].map(cellDigest)
  expect(new Set(digests).size).toBe(digests.length)
})

test('of two cells is a whole number of 32 bits, and equal only by rare chance', () => {
  const entity = fc.record({
    i: fc.integer({ min: 1, max: 50 }),
    k: fc.constantFrom('p' as const, 'm' as const, 'l' as const),
    p: fc.tuple(fc.nat({ max: 500 }), fc.nat({ max: 500 })),
    n: fc.constantFrom('rat', 'bat'),
  })
  const cell = fc.uniqueArray(entity, { selector: ({ i }) => i, maxLength: 8 })
  const known = new Map<number, string>()
  const text = (entities: readonly SceneEntity[]) =>
    JSON.stringify(entities.toSorted((a, b) => a.i - b.i).map(({ i, k, p, n }) => [i, k, p, n]))
  fc.assert(
    fc.property(cell, (entities) => {
      const digest = cellDigest(entities)
      expect(digest).toBe(digest >>> 0)
      expect(known.get(digest) ?? text(entities)).toBe(text(entities))
      known.set(digest, text(entities))
    }),
    { seed: 1, numRuns: 2_000 },
  )
})
