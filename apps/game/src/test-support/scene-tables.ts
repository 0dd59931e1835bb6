import type { MonsterRow, SceneRow } from '../tables/rows.ts'
import type { Tables } from '../tables/tables.ts'
import { smallTables } from './small-tables.ts'

/** It stands there, hurts nobody for long, and leaves two herbs. */
const scarecrow: MonsterRow = {
  id: 'scarecrow',
  name: 'Scarecrow',
  level: 1,
  health: 15,
  attack: 1,
  attackEveryMs: 60_000,
  reach: 100,
  speed: 0,
  sight: 0,
  leash: 10_000,
  exp: 60,
  gold: { min: 7, max: 7 },
  loot: [{ item: 'herb', chance: 1, count: { min: 2, max: 2 } }],
}

const caves = Array.from({ length: 8 }, (_, index) => `cave-${index}`)

const meadow: SceneRow = {
  id: 'meadow',
  name: 'Meadow',
  width: 8_000,
  height: 6_000,
  cellSize: 1_000,
  playersMax: 4,
  start: { x: 500, y: 500 },
  portals: caves.map((to) => ({ at: { x: 400, y: 500 }, reach: 300, to, arriveAt: { x: 100, y: 200 } })),
  spawns: [{ monster: 'scarecrow', count: 1, at: { x: 600, y: 600 }, radius: 0, respawnMs: 3_600_000 }],
}

const cave = (id: string): SceneRow => ({
  id,
  name: 'Cave',
  width: 2_000,
  height: 2_000,
  cellSize: 1_000,
  playersMax: 4,
  start: { x: 1_000, y: 1_000 },
  portals: [{ at: { x: 100, y: 200 }, reach: 300, to: 'meadow', arriveAt: { x: 450, y: 500 } }],
  spawns: [],
})

/** A meadow with one monster, and portals to many caves: of several servers, some have one of those. */
export const sceneTables: Tables = {
  ...smallTables,
  monsters: new Map([[scarecrow.id, scarecrow]]),
  scenes: new Map([meadow, ...caves.map(cave)].map((row) => [row.id, row])),
}

/** Scenes that a portal of the meadow leads to. */
export const sceneCaves = caves
