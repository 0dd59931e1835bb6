import { cellDigest, type SceneEntity } from '@hydra/protocol'
import { describe, expect, test } from 'vitest'
import { Grid } from './grid.ts'
import { SceneState } from './scene-state.ts'

const open = () => new SceneState({ key: 7, grid: new Grid({ width: 300, height: 300, cellSize: 100 }) })
const rat = (x: number, y: number) =>
  ({ k: 'm', p: [x, y], n: 'rat', h: [5, 5] }) satisfies Omit<SceneEntity, 'i'>

describe('the deltas of a step', () => {
  test('name the step, the one before of the cell, and only what there is to tell', () => {
    const state = open()
    const { i } = state.add(rat(10, 10))
    expect(state.endTick()).toEqual([{ x: 7, c: 0, t: 1, p: 0, e: [{ i, ...rat(10, 10) }] }])
    expect(state.endTick()).toEqual([])
    state.change(i, { p: [20, 10] })
    state.change(i, { p: [30, 10], h: [4, 5] })
    expect(state.endTick()).toEqual([{ x: 7, c: 0, t: 3, p: 1, u: [{ i, p: [30, 10], h: [4, 5] }] }])
    expect([state.tick, state.lastChange(0), state.lastChange(1)]).toEqual([3, 3, 0])
  })

  test('say nothing of what is as it was, has come and gone, or is changed to what it is', () => {
    const state = open()
    const { i } = state.add(rat(10, 10))
    state.endTick()
    state.change(i, { p: [250, 10], s: 'd' })
    state.change(i, { p: [10, 10], s: null, h: [5, 5] })
    state.remove(state.add(rat(1, 1)).i)
    expect(state.endTick()).toEqual([])
    expect(state.lastChange(0)).toBe(1)
  })

  test('move what crosses a border, with all its components', () => {
    const state = open()
    const { i } = state.add(rat(99, 10))
    state.endTick()
    state.change(i, { p: [100, 10], h: [3, 5] })
    expect(state.endTick()).toEqual([
      { x: 7, c: 0, t: 2, p: 1, g: [i] },
      { x: 7, c: 1, t: 2, p: 0, e: [{ i, ...rat(100, 10), h: [3, 5] }] },
    ])
    state.change(i, { p: [10, 10] })
    state.change(i, { p: [101, 10] })
    expect(state.endTick()).toEqual([{ x: 7, c: 1, t: 3, p: 2, u: [{ i, p: [101, 10] }] }])
  })

  test('take what has crossed and is removed out of the cell where it was', () => {
    const state = open()
    const { i } = state.add(rat(10, 10))
    state.endTick()
    state.change(i, { p: [250, 250] })
    state.remove(i)
    expect(state.endTick()).toEqual([{ x: 7, c: 0, t: 2, p: 1, g: [i] }])
  })

  test('give a component up with null, and take it', () => {
    const state = open()
    const { i } = state.add({ ...rat(10, 10), o: 'r1' })
    state.endTick()
    state.change(i, { o: null, s: 'd' })
    expect(state.endTick()).toMatchObject([{ u: [{ i, o: null, s: 'd' }] }])
    state.change(i, { s: null })
    expect(state.endTick()).toMatchObject([{ u: [{ i, s: null }] }])
    expect(state.get(i)).toEqual({ i, ...rat(10, 10) })
  })

  test('carry actions with the cell of the one who acts, also when it is gone by then', () => {
    const state = open()
    const [a, b] = [state.add(rat(10, 10)), state.add(rat(210, 10))]
    state.endTick()
    state.act([a.i, b.i, 3])
    state.act([b.i, a.i, 1])
    state.act([99, a.i, 1])
    state.change(a.i, { p: [110, 10] })
    state.remove(b.i)
    expect(state.endTick()).toMatchObject([
      { c: 0, g: [a.i] },
      { c: 1, a: [[a.i, b.i, 3]] },
      { c: 2, g: [b.i], a: [[b.i, a.i, 1]] },
    ])
    state.act([a.i, a.i, 0])
    expect(state.endTick()).toEqual([{ x: 7, c: 1, t: 3, p: 2, a: [[a.i, a.i, 0]] }])
    expect(state.endTick()).toEqual([])
  })
})

test('snapshots and digests are of the last step, the rest is of now', () => {
  const state = open()
  const { i } = state.add(rat(10, 10))
  expect([state.snapshot(0), state.digest(0)]).toEqual([{ c: 0, t: 0, e: [] }, 0])
  expect([...state.entitiesIn(0)]).toHaveLength(1)
  state.endTick()
  state.change(i, { p: [110, 10] })
  expect(state.snapshot(0)).toEqual({ c: 0, t: 1, e: [{ i, ...rat(10, 10) }] })
  expect(state.digest(0)).toBe(cellDigest([{ i, ...rat(10, 10) }]))
  expect([[...state.entitiesIn(0)], [...state.entitiesIn(1)]]).toMatchObject([[], [{ i }]])
  state.endTick()
  expect([state.digest(0), state.digest(1)]).toEqual([0, cellDigest(state.entitiesIn(1))])
})

test('ids are not used again, and what is not there cannot be changed', () => {
  const state = open()
  const first = state.add(rat(1, 1))
  state.remove(first.i)
  state.remove(first.i)
  expect(state.add(rat(1, 1)).i).toBeGreaterThan(first.i)
  expect(() => state.change(first.i, { l: 2 })).toThrow(expect.objectContaining({ code: 'INTERNAL' }))
  expect([state.size, [...state.entities()].length]).toEqual([1, 1])
})

test('near is a circle with its edge, whatever the cells', () => {
  const state = open()
  const points = [0, 50, 130, 140, 145, 150, 220, 300].flatMap((x) =>
    [0, 143, 150, 300].map((y) => [x, y] as const),
  )
  for (const [x, y] of points) state.add(rat(x, y))
  for (const radius of [0, 5, 10, 99, 500]) {
    const expected = points.filter(([x, y]) => Math.hypot(x - 150, y - 150) <= radius)
    const found = state.near([150, 150], radius).map(({ p }) => p)
    expect(found).toHaveLength(expected.length)
    expect(found).toEqual(expect.arrayContaining(expected))
  }
})
