import type { Portals } from '@hydra/bots'
import type { SceneTableRow } from './scene-tables.ts'

const side = 4_000
const portalPlaces = [
  { x: 3_600, y: 2_000 },
  { x: 400, y: 2_000 },
] as const

/** Scenes in a ring, so small that bots meet and come from one to the next within seconds, whichever servers have them. */
export const smallScenes: readonly SceneTableRow[] = ['meadow', 'forest', 'cave', 'shore'].map(
  (id, index, ids) => ({
    id,
    name: `Small ${id}`,
    width: side,
    height: side,
    cellSize: 800,
    playersMax: 100,
    start: { x: 2_000, y: 2_000 },
    portals: portalPlaces.map((at, way) => ({
      at,
      reach: 200,
      to: ids.at((index + (way === 0 ? 1 : -1)) % ids.length),
      arriveAt: portalPlaces[1 - way],
    })),
    spawns: [
      {
        monster: index === 0 ? 'slimeling' : 'slime',
        count: 8,
        at: { x: 2_000, y: 2_000 },
        radius: 1_200,
        respawnMs: 2_000,
      },
    ],
  }),
)

/** Where their portals are. */
export const smallPortals: Portals = Object.fromEntries(
  smallScenes.map(({ id }, index) => [
    id,
    portalPlaces.map(({ x, y }, way) => ({
      at: [x, y] as const,
      to: smallScenes.at((index + (way === 0 ? 1 : -1)) % smallScenes.length)?.id ?? id,
    })),
  ]),
)
