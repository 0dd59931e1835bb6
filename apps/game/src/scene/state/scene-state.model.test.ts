import { pushes, type SceneChange, type SceneDelta, type SceneEntity } from '@hydra/protocol'
import { chooseSeed } from '@hydra/testing'
import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { Grid } from './grid.ts'
import { SceneState } from './scene-state.ts'

const size = { width: 300, height: 200, cellSize: 100 }
const cells = [0, 1, 2, 3, 4, 5]
// Written again, without the grid: which cell a point is in.
const naiveCell = ([x, y]: readonly number[]) =>
  Math.min(2, Math.floor((x ?? 0) / 100)) + 3 * Math.min(1, Math.floor((y ?? 0) / 100))

type Components = Omit<SceneChange, 'i'>
type Step =
  | { readonly do: 'add'; readonly entity: Omit<SceneEntity, 'i'> }
  | { readonly do: 'change'; readonly at: number; readonly change: Components }
  | { readonly do: 'undo' | 'remove' | 'act'; readonly at: number }
  | { readonly do: 'tick' }

const at = fc.nat({ max: 20 })
const place = fc.tuple(fc.constantFrom(0, 99, 100, 150, 250, 300), fc.constantFrom(0, 50, 100, 200))
const entity = fc.record(
  {
    k: fc.constant('m' as const),
    p: place,
    n: fc.constant('rat'),
    s: fc.constant('d' as const),
    o: fc.constant('r1'),
  },
  { requiredKeys: ['k', 'p', 'n'] },
)
const change: fc.Arbitrary<Components> = fc.record(
  {
    p: place,
    n: fc.constantFrom('rat', 'bat'),
    l: fc.integer({ min: 1, max: 2 }),
    h: fc.tuple(fc.nat({ max: 1 }), fc.constant(2)),
    s: fc.constantFrom('d' as const, 'a' as const, null),
    o: fc.constantFrom('r1', 'r2', null),
  },
  { requiredKeys: [] },
)
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 3, arbitrary: fc.record({ do: fc.constant('add' as const), entity }) },
  { weight: 8, arbitrary: fc.record({ do: fc.constant('change' as const), at, change }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constantFrom('undo' as const, 'act' as const), at }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('remove' as const), at }) },
  { weight: 4, arbitrary: fc.constant({ do: 'tick' as const }) },
)

/** A scene as full copies: all entities by id, as JSON says them. */
type Plain = Map<number, Record<string, unknown>>
const copy = (plain: Plain): Plain => structuredClone(plain)
const contentOf = (plain: Plain, cell: number) =>
  [...plain.values()]
    .filter(({ p }) => naiveCell(p as number[]) === cell)
    .sort((a, b) => Number(a['i']) - Number(b['i']))
const sorted = (entities: readonly SceneEntity[]) => entities.toSorted((a, b) => a.i - b.i)

/** What somebody has who knows only the first snapshot and the deltas. */
class Reader {
  readonly content = new Map<number, Plain>(cells.map((cell) => [cell, new Map()]))

  apply({ c, e = [], u = [], g = [] }: SceneDelta): void {
    const plain = this.content.get(c) ?? new Map()
    for (const id of g) expect(plain.delete(id)).toBe(true)
    for (const entered of e) {
      expect(plain.has(entered.i)).toBe(false)
      plain.set(entered.i, { ...entered })
    }
    for (const { i, ...components } of u) {
      const known = plain.get(i) ?? {}
      expect(known).not.toEqual({})
      for (const [key, value] of Object.entries(components)) {
        // Nothing is told that was known.
        expect(value ?? undefined).not.toEqual(known[key])
        if (value === null) delete known[key]
        else known[key] = value
      }
    }
  }
}

test('deltas lead from snapshot to snapshot, tell all that has changed, and nothing else', () => {
  const reached = { deltas: 0, actions: 0, silent: 0 }
  const tell = (steps: readonly Step[]) => {
    const state = new SceneState({ key: 5, grid: new Grid(size) })
    const reader = new Reader()
    const plain: Plain = new Map()
    let before: Plain = new Map()
    let acted = new Set<number>()
    const last = new Map<number, number>()
    let tick = 0

    const check = () => {
      const deltas = state.endTick()
      tick += 1
      const told = new Set(deltas.map(({ c }) => c))
      expect(told.size).toBe(deltas.length)
      for (const delta of deltas) {
        expect(pushes.game.scene.delta.payload.parse(delta)).toEqual(delta)
        expect(delta).toMatchObject({ x: 5, t: tick, p: last.get(delta.c) ?? 0 })
        for (const list of [delta.e, delta.u, delta.g, delta.a]) expect(list).not.toEqual([])
        reader.apply(delta)
        last.set(delta.c, tick)
        reached.deltas += 1
        reached.actions += delta.a?.length ?? 0
      }
      for (const cell of cells) {
        const content = contentOf(plain, cell)
        const hasChanged =
          JSON.stringify(sortedKeys(content)) !== JSON.stringify(sortedKeys(contentOf(before, cell)))
        const hasActed = [...acted].some((id) => {
          const actor = plain.get(id) ?? before.get(id)
          return actor !== undefined && naiveCell(actor['p'] as number[]) === cell
        })
        expect(told.has(cell)).toBe(hasChanged || hasActed)
        if (!told.has(cell)) reached.silent += 1
        const snapshot = state.snapshot(cell)
        expect({ ...snapshot, e: sorted(snapshot.e) }).toEqual({
          c: cell,
          t: last.get(cell) ?? 0,
          e: content,
        })
        expect(sorted([...state.entitiesIn(cell)])).toEqual(content)
        expect(
          [...(reader.content.get(cell)?.values() ?? [])].sort((a, b) => Number(a['i']) - Number(b['i'])),
        ).toEqual(content)
      }
      before = copy(plain)
      acted = new Set()
    }

    for (const next of steps) {
      const ids = [...plain.keys()]
      const id = 'at' in next ? (ids[next.at % Math.max(1, ids.length)] ?? 0) : 0
      if (next.do === 'add') {
        const added = state.add(next.entity)
        if (plain.has(added.i)) throw new Error(`id ${added.i} is given out twice`)
        plain.set(added.i, { ...added })
      }
      if (next.do === 'tick') check()
      if (id === 0) continue
      if (next.do === 'change') set(state, plain, id, next.change)
      if (next.do === 'undo' && before.has(id)) set(state, plain, id, undoing(before.get(id) ?? {}))
      if (next.do === 'remove') {
        state.remove(id)
        plain.delete(id)
      }
      if (next.do === 'act') {
        state.act([id, id, 1])
        acted.add(id)
      }
    }
    check()
  }
  fc.assert(fc.property(fc.array(step, { minLength: 20, maxLength: 80, size: 'max' }), tell), {
    seed: chooseSeed(),
    numRuns: 200,
  })
  expect(Math.min(...Object.values(reached))).toBeGreaterThan(100)
})

function set(state: SceneState, plain: Plain, id: number, components: Components): void {
  state.change(id, components)
  const known = plain.get(id) ?? {}
  for (const [key, value] of Object.entries(components)) {
    if (value === null) delete known[key]
    else known[key] = value
  }
}

/** Everything back to what it was, as far as a change can do that. */
const undoing = ({ p, n, l, h, s, o }: Record<string, unknown>): Components =>
  ({
    p,
    n,
    ...(l === undefined ? {} : { l }),
    ...(h === undefined ? {} : { h }),
    s: s ?? null,
    o: o ?? null,
  }) as Components

const sortedKeys = (content: readonly Record<string, unknown>[]) =>
  content.map((each) => Object.entries(each).sort(([a], [b]) => (a < b ? -1 : 1)))
