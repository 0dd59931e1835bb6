import type { Portals } from '@hydra/bots'
import type { SceneTableRow } from './scene-tables.ts'

/** What scenes of a ring are like. */
export interface SceneRingOptions {
  /** In centimetres. */
  readonly side: number
  readonly cellSize: number
  readonly playersMax: number
  /** Monsters of each. */
  readonly monsters: number
}

/** Scenes with a portal each to the one before and the one behind, and where these portals are. */
export interface SceneRing {
  readonly scenes: readonly SceneTableRow[]
  readonly portals: Portals
}

const ids = ['meadow', 'forest', 'cave', 'shore'] as const

/**
 * Makes scenes in a ring: whoever goes on comes through all of them, whichever servers have them.
 *
 * @example const { scenes, portals } = sceneRing({ side: 4_000, cellSize: 800, playersMax: 100, monsters: 8 })
 */
export function sceneRing({ side, cellSize, playersMax, monsters }: SceneRingOptions): SceneRing {
  const middle = { x: side / 2, y: side / 2 }
  const ways = [
    { ahead: 1, at: { x: side - 400, y: side / 2 }, arriveAt: { x: 400, y: side / 2 } },
    { ahead: -1, at: { x: 400, y: side / 2 }, arriveAt: { x: side - 400, y: side / 2 } },
  ] as const
  const toOf = (index: number, ahead: number) => ids.at((index + ahead) % ids.length) ?? ids[0]
  return {
    scenes: ids.map((id, index) => ({
      id,
      name: `Small ${id}`,
      width: side,
      height: side,
      cellSize,
      playersMax,
      start: middle,
      portals: ways.map(({ ahead, at, arriveAt }) => ({ at, reach: 200, to: toOf(index, ahead), arriveAt })),
      spawns: [
        {
          monster: index === 0 ? 'slimeling' : 'slime',
          count: monsters,
          at: middle,
          radius: side * 0.3,
          respawnMs: 2_000,
        },
      ],
    })),
    portals: Object.fromEntries(
      ids.map((id, index) => [
        id,
        ways.map(({ ahead, at: { x, y } }) => ({ at: [x, y] as const, to: toOf(index, ahead) })),
      ]),
    ),
  }
}

/** So small that bots meet and come from one to the next within seconds. */
export const { scenes: smallScenes, portals: smallPortals } = sceneRing({
  side: 4_000,
  cellSize: 800,
  playersMax: 100,
  monsters: 8,
})
