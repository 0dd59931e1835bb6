import type { ScenePoint } from '@hydra/protocol'
import type { MonsterRow, SceneRow } from '../tables/rows.ts'
import type { Tables } from '../tables/tables.ts'
import type { Random } from '../scene/rules/dice.ts'
import { Scene, type SceneOptions } from '../scene/scene.ts'

/** Milliseconds between the steps of a scene under test. */
export const tickMs = 100

/** A monster that is weak, and after whoever comes into its sight. */
export const wolf: MonsterRow = {
  id: 'wolf',
  name: 'Wolf',
  level: 2,
  health: 30,
  attack: 10,
  attackEveryMs: 1_000,
  reach: 150,
  speed: 300,
  sight: 800,
  leash: 1_500,
  exp: 12,
  gold: { min: 3, max: 9 },
  loot: [{ item: 'pelt', chance: 0.5, count: { min: 1, max: 3 } }],
}

/** Tables with a wolf, which may be another one than usual. */
export const tablesWith = (monster: Partial<MonsterRow> = {}): Tables => ({
  levels: [
    { level: 1, exp: 100, health: 100, attack: 10 },
    { level: 2, exp: 200, health: 150, attack: 20 },
    { level: 3, health: 200, attack: 30 },
  ],
  items: new Map([['pelt', { id: 'pelt', name: 'Pelt', stackMax: 20, price: 2 }]]),
  monsters: new Map([['wolf', { ...wolf, ...monster }]]),
  scenes: new Map(),
})

/** A scene of 100 m by 60 m with one portal, and without monsters unless told. */
export const meadow = (row: Partial<SceneRow> = {}): SceneRow => ({
  id: 'meadow',
  name: 'Meadow',
  width: 10_000,
  height: 6_000,
  cellSize: 1_000,
  playersMax: 3,
  start: { x: 500, y: 500 },
  portals: [{ at: { x: 900, y: 500 }, reach: 200, to: 'cave', arriveAt: { x: 50, y: 60 } }],
  spawns: [],
  ...row,
})

/** A spawn of one wolf that stands exactly there. */
export const oneWolf = (at: ScenePoint, spawn: Partial<SceneRow['spawns'][number]> = {}) => ({
  monster: 'wolf',
  count: 1,
  at: { x: at[0], y: at[1] },
  radius: 0,
  respawnMs: 10_000,
  ...spawn,
})

/** Random numbers that are the same each time (mulberry32). */
export function seeded(seed: number): Random {
  let state = seed | 0
  return () => {
    state = (state + 0x6d_2b_79_f5) | 0
    let value = Math.imul(state ^ (state >>> 15), 1 | state)
    value = (value + Math.imul(value ^ (value >>> 7), 61 | value)) ^ value
    return ((value ^ (value >>> 14)) >>> 0) / 4_294_967_296
  }
}

/** A scene at time 0. */
export const openScene = ({
  row = meadow(),
  tables = tablesWith(),
  random = () => 0.5,
  ...options
}: Partial<SceneOptions> = {}) =>
  new Scene({ row, tables, key: 46_655, random, tickMs, nowMs: 0, ...options })

/** The entities of a kind, the oldest first. */
export const ofKind = (scene: Scene, kind: 'p' | 'm' | 'l') =>
  [...scene.state.entities()].filter(({ k }) => k === kind)
