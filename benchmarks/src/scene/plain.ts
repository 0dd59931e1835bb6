import { writeSceneTables, type SceneTables } from '@hydra/tools'

/** A square scene with nothing in it but players. Lengths in centimetres. */
export interface Plain {
  readonly side: number
  readonly cellSize: number
  readonly playersMax: number
}

/** Its table id. */
export const plainId = 'plain'

/** Design tables whose only scene is the plain. */
export function writePlain({ side, cellSize, playersMax }: Plain): Promise<SceneTables> {
  const middle = Math.floor(side / 2)
  return writeSceneTables([
    {
      id: plainId,
      name: 'The Plain',
      width: side,
      height: side,
      cellSize,
      playersMax,
      start: { x: middle, y: middle },
      portals: [],
      spawns: [],
    },
  ])
}
