import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { sceneChange, sceneEntity, type SceneEntity } from './entity.ts'
import { applySceneChange, sceneChangeBetween } from './scene-change.ts'

const rat: SceneEntity = { i: 1, k: 'm', p: [10, 20], n: 'rat', h: [5, 9], s: 'd', o: 'r1' }

test('a change sets components, and takes those away that are null', () => {
  expect(applySceneChange(rat, { p: [1, 2], s: null, l: 4 })).toEqual({
    i: 1,
    k: 'm',
    p: [1, 2],
    n: 'rat',
    l: 4,
    h: [5, 9],
    o: 'r1',
  })
  expect(Object.keys(applySceneChange(rat, { s: null, o: null }))).toEqual(['i', 'k', 'p', 'n', 'h'])
})

test('a change that changes nothing leaves the value itself', () => {
  expect(applySceneChange(rat, {})).toBe(rat)
  expect(applySceneChange(rat, { p: [10, 20], n: 'rat', h: [5, 9], s: 'd', o: 'r1' })).toBe(rat)
  expect(applySceneChange({ i: 1, k: 'm', p: [0, 0], n: 'rat' }, { s: null, o: null })).not.toHaveProperty(
    's',
  )
  expect(sceneChangeBetween(rat, { ...rat, p: [10, 20] })).toBeUndefined()
})

test('the change between two values has what differs, in the form of its contract, and leads from one to the other', () => {
  const optional = <T>(arbitrary: fc.Arbitrary<T>) => fc.option(arbitrary, { nil: undefined })
  const value = fc
    .record({
      p: fc.tuple(fc.nat({ max: 2 }), fc.nat({ max: 2 })),
      n: fc.constantFrom('rat', 'bat'),
      l: fc.integer({ min: 1, max: 2 }),
      h: fc.tuple(fc.nat({ max: 1 }), fc.constantFrom(1, 2)),
      s: optional(fc.constantFrom('d' as const, 'a' as const)),
      o: optional(fc.constantFrom('r1', 'r2')),
    })
    .map((components) => sceneEntity.parse(JSON.parse(JSON.stringify({ i: 1, k: 'm', ...components }))))
  fc.assert(
    fc.property(value, value, (before, now) => {
      const change = sceneChangeBetween(before, now)
      const { i, ...components } = change ?? { i: 1 }
      expect(applySceneChange(before, components)).toEqual(now)
      expect(sceneChange.parse({ i, ...components })).toEqual({ i: 1, ...components })
      for (const key of Object.keys(components) as (keyof typeof components)[]) {
        expect(now[key]).not.toEqual(before[key])
      }
    }),
    { seed: 1, numRuns: 1_000 },
  )
})
