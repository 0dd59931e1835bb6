import { HydraError, type ScenePoint } from '@hydra/protocol'
import type { SceneRow } from '../../tables/rows.ts'
import { isWithin } from './geometry.ts'

/** Where one arrives. */
export interface Arrival {
  readonly scene: string
  readonly x: number
  readonly y: number
}

/**
 * Where the portal to a scene leads that is in reach of a place; of several the first in the table.
 *
 * @throws HydraError `NO_PORTAL`.
 */
export function throughPortal(portals: SceneRow['portals'], from: ScenePoint, to: string): Arrival {
  const portal = portals.find((row) => row.to === to && isWithin(from, [row.at.x, row.at.y], row.reach))
  if (portal === undefined) {
    throw new HydraError('NO_PORTAL', `No portal to "${to}" is in reach; go to one.`, { metadata: { to } })
  }
  return { scene: portal.to, ...portal.arriveAt }
}
