import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { Grid } from './grid.ts'

const grid = new Grid({ width: 1_050, height: 300, cellSize: 100 })

test('numbers cells row by row; what is left at the far edge is a smaller cell', () => {
  expect([grid.columns, grid.rows, grid.cells]).toEqual([11, 3, 33])
  expect([grid.cellOf([0, 0]), grid.cellOf([99, 99]), grid.cellOf([100, 0]), grid.cellOf([0, 100])]).toEqual([
    0, 0, 1, 11,
  ])
  expect(new Grid({ width: 40, height: 40, cellSize: 100 }).cells).toBe(1)
})

test('the edges belong to the scene, and to its outermost cells', () => {
  expect(grid.contains([0, 0])).toBe(true)
  expect(grid.contains([1_050, 300])).toBe(true)
  expect([grid.contains([1_051, 0]), grid.contains([0, 301]), grid.contains([-1, 0])]).toEqual([
    false,
    false,
    false,
  ])
  expect(grid.cellOf([1_050, 300])).toBe(32)
  expect(grid.cellOf([9_999, -5])).toBe(10)
})

test('one sees the cell and its neighbours, fewer at the edge', () => {
  expect(grid.around(12)).toEqual([0, 1, 2, 11, 12, 13, 22, 23, 24])
  expect(grid.around(0)).toEqual([0, 1, 11, 12])
  expect(grid.around(32)).toEqual([20, 21, 31, 32])
  expect(new Grid({ width: 50, height: 250, cellSize: 100 }).around(1)).toEqual([0, 1, 2])
})

test('the centre changes a tenth of a cell beyond the border, to the cell in which one is', () => {
  expect([grid.recentred([209, 150], 12), grid.recentred([210, 150], 12)]).toEqual([12, 12])
  expect(grid.recentred([211, 150], 12)).toBe(13)
  expect([grid.recentred([89, 150], 12), grid.recentred([90, 150], 12)]).toEqual([11, 12])
  expect([grid.recentred([150, 211], 12), grid.recentred([150, 89], 12)]).toEqual([23, 1])
  // Beyond one border by more, beyond the other by less: both count from then on.
  expect(grid.recentred([205, 215], 12)).toBe(24)
  expect(grid.recentred([900, 50], 12)).toBe(9)
})

test('whoever is recentred is in view, and stays centred there until a tenth of a cell further', () => {
  const size = fc.integer({ min: 1, max: 400 })
  const coordinate = fc.nat({ max: 400 })
  fc.assert(
    fc.property(
      size,
      size,
      fc.integer({ min: 10, max: 150 }),
      fc.array(fc.tuple(coordinate, coordinate)),
      (...drawn) => {
        const [width, height, cellSize, way] = drawn
        const any = new Grid({ width, height, cellSize })
        let centre = any.cellOf([0, 0])
        for (const point of way) {
          const inside: [number, number] = [Math.min(point[0], width), Math.min(point[1], height)]
          const next = any.recentred(inside, centre)
          expect(next < any.cells).toBe(true)
          expect(any.around(next)).toContain(any.cellOf(inside))
          expect([centre, any.cellOf(inside)]).toContain(next)
          expect(any.recentred(inside, next)).toBe(next)
          centre = next
        }
      },
    ),
    { seed: 1, numRuns: 500 },
  )
})
