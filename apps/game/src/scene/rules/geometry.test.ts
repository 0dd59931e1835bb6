import * as fc from 'fast-check'
import { expect, it } from 'vitest'
import { distanceBetween, isWithin, placeAround, placeIn } from './geometry.ts'

const area = { width: 1_000, height: 300 }
const place = fc.tuple(fc.integer({ min: 0, max: 1_000 }), fc.integer({ min: 0, max: 300 }))

it('a radius has its edge in it', () => {
  expect(isWithin([0, 0], [30, 40], 50)).toBe(true)
  expect(isWithin([0, 0], [30, 41], 50)).toBe(false)
  expect(distanceBetween([0, 0], [30, 40])).toBe(50)
})

it('the nearest place inside is whole', () => {
  expect(placeIn(area, [-3.2, 300.4])).toEqual([0, 300])
  expect(placeIn(area, [10.5, 1e9])).toEqual([11, 300])
})

it('a place around another is inside, and not farther away', () => {
  fc.assert(
    fc.property(
      place,
      fc.integer({ min: 0, max: 2_000 }),
      fc.infiniteStream(fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true })),
      (centre, radius, numbers) => {
        const around = placeAround(area, centre, radius, () => numbers.next().value)
        expect(placeIn(area, around)).toEqual(around)
        // Rounding may move it by half a centimetre each way.
        expect(distanceBetween(centre, around)).toBeLessThanOrEqual(radius + Math.SQRT1_2 + 1e-9)
      },
    ),
  )
})
