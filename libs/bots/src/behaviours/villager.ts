import type { Behaviour } from '../script/behaviour.ts'
import { inTurn, oneOf, rest } from '../script/compose.ts'
import { dropOut, takeBreak } from './drop-out.ts'
import { gather } from './gather.ts'
import { hunt } from './hunt.ts'
import { talk, type TalkOptions } from './talk.ts'
import { teamUp } from './team-up.ts'
import { claimDaily, consume, sell } from './trade.ts'
import { travel, type Portals } from './travel.ts'
import { wander } from './wander.ts'

/** What the world of a villager is like. */
export interface VillagerOptions {
  /** Without them it stays in its scene. */
  readonly portals?: Portals
  /** How far it wanders at a time, at most. Default 1,500. */
  readonly wanderCm?: number
  /** What it says. */
  readonly talk?: TalkOptions
}

/**
 * A bit of everything that players do, a fight most often: for tests and demos that want a world that is alive.
 *
 * @example villager({ portals: { meadow: [{ at: [9_800, 5_000], to: 'forest' }] } })
 */
export function villager({ portals = {}, wanderCm = 1_500, talk: says }: VillagerOptions = {}): Behaviour {
  return oneOf([
    [8, inTurn(hunt(), gather())],
    [4, wander({ reachCm: wanderCm })],
    [2, talk(says)],
    [2, teamUp()],
    [1, sell()],
    [1, consume()],
    [1, claimDaily()],
    [Object.keys(portals).length === 0 ? 0 : 2, travel(portals)],
    [1, rest(100, 500)],
    [0.5, dropOut()],
    [0.25, takeBreak()],
  ])
}
