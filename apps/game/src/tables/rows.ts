import { limits, tableId } from '@hydra/protocol'
import { z } from 'zod'

const positive = z.int().min(1)
const amount = z.int().min(0).max(1_000_000_000)
const centimetres = z.int().min(0).max(limits.sceneSideMaxCm)
const point = z.strictObject({ x: centimetres, y: centimetres })
const ms = z.int().min(1).max(86_400_000)
const name = z.string().min(1).max(64)
const range = z.strictObject({ min: amount, max: amount }).refine(({ min, max }) => min <= max, {
  path: ['max'],
  message: 'expected not to be below min',
})

/** A level of a role: `data/tables/levels.json`. The first row is level 1, and none is left out. */
export const levelRow = z.strictObject({
  level: positive,
  /** Experience that leads from this level to the next; the last level has none. */
  exp: positive.optional(),
  health: positive,
  attack: positive,
})

/** An item: `data/tables/items.json`. */
export const itemRow = z.strictObject({
  id: tableId,
  name,
  /** Most in one slot of a bag. */
  stackMax: z.int().min(1).max(limits.itemStackMax),
  /** What it is sold for; absent: nobody buys it. */
  price: amount.min(1).optional(),
  /** What using one of it does; absent: it cannot be used. */
  use: z
    .strictObject({
      health: positive.optional(),
      exp: amount.optional(),
      gold: amount.optional(),
      gems: amount.optional(),
      items: z
        .array(z.strictObject({ item: tableId, count: positive }))
        .max(8)
        .optional(),
    })
    .refine((use) => Object.keys(use).length > 0, 'expected at least one effect')
    .optional(),
})

/** A kind of monster: `data/tables/monsters.json`. Lengths in centimetres. */
export const monsterRow = z.strictObject({
  id: tableId,
  name,
  level: positive,
  health: positive,
  attack: positive,
  attackEveryMs: ms,
  reach: centimetres.min(1),
  /** Centimetres in a second. */
  speed: z.int().min(0).max(10_000),
  /** It attacks players who come so near; 0: only those who attack it. */
  sight: centimetres,
  /** So far from where it appeared it gives up and goes back. */
  leash: centimetres.min(1),
  exp: amount,
  gold: range,
  loot: z
    .array(
      z.strictObject({
        item: tableId,
        /** 0 to 1. */
        chance: z.number().min(0).max(1),
        count: range.refine(({ min }) => min >= 1, 'expected at least 1'),
      }),
    )
    .max(16),
})

/** Every cell of a scene has its own record, so that there must not be millions of them. */
const sceneCellsMax = 65_536
/** All monsters of a scene are moved at each of its steps. */
const sceneMonstersMax = 10_000

/** A scene: `data/tables/scenes.json`. Lengths in centimetres. */
export const sceneRow = z
  .strictObject({
    id: tableId,
    name,
    width: centimetres.min(1),
    height: centimetres.min(1),
    /** Side of the cells by which changes are sent: a player sees its own cell and those around it. */
    cellSize: centimetres.min(100),
    playersMax: z.int().min(1).max(10_000),
    /** Where who is new appears, and who died comes back. */
    start: point,
    portals: z
      .array(
        z.strictObject({
          at: point,
          /** How near one has to be to go through. */
          reach: centimetres.min(1),
          to: tableId,
          /** Where one arrives, in the other scene. */
          arriveAt: point,
        }),
      )
      .max(64),
    spawns: z
      .array(
        z.strictObject({
          monster: tableId,
          count: z.int().min(1).max(1_000),
          at: point,
          /** They appear, and wander about, within this distance. */
          radius: centimetres,
          respawnMs: ms,
        }),
      )
      .max(256),
  })
  .refine(
    ({ width, height, cellSize }) =>
      Math.ceil(width / cellSize) * Math.ceil(height / cellSize) <= sceneCellsMax,
    { path: ['cellSize'], message: `expected larger cells: there may be ${sceneCellsMax} in a scene` },
  )
  .refine(({ spawns }) => spawns.reduce((sum, { count }) => sum + count, 0) <= sceneMonstersMax, {
    path: ['spawns'],
    message: `expected at most ${sceneMonstersMax} monsters in all`,
  })

/** Type of {@link levelRow}. */
export type LevelRow = Readonly<z.output<typeof levelRow>>
/** Type of {@link itemRow}. */
export type ItemRow = Readonly<z.output<typeof itemRow>>
/** Type of {@link monsterRow}. */
export type MonsterRow = Readonly<z.output<typeof monsterRow>>
/** Type of {@link sceneRow}. */
export type SceneRow = Readonly<z.output<typeof sceneRow>>
