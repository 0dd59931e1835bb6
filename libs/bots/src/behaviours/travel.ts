import type { ScenePoint } from '@hydra/protocol'
import { behaviour, type Behaviour } from '../script/behaviour.ts'
import { orCode } from './refusals.ts'
import { walkTo } from './walk.ts'

/** The portals of each scene, as clients know them from the game's design. */
export type Portals = Readonly<Record<string, readonly { readonly at: ScenePoint; readonly to: string }[]>>

/** Walks to a portal of the present scene and goes through; nothing where there is none. */
export const travel = (portals: Portals): Behaviour =>
  behaviour('travel', async (me) => {
    const which = me.random()
    const { info } = await me.scene()
    const ways = portals[info?.scene ?? ''] ?? []
    const way = ways[Math.floor(which * ways.length)]
    if (way === undefined || !(await walkTo(me, way.at, 50))) return
    await orCode(me.travel(way.to), ['NO_PORTAL', 'ROLE_DEAD'])
  })
