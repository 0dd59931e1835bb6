import { routes, type SceneEntity } from '@hydra/protocol'
import type { Actor } from '../actor.ts'
import { behaviour, type Behaviour } from '../script/behaviour.ts'
import { orCode } from './refusals.ts'
import { distance, nearest, walkTo, whereAmI } from './walk.ts'

/** How to hunt. */
export interface HuntOptions {
  /** Hits from so near, in centimetres. Default 150. */
  readonly reachCm?: number
  /** Gives up after so many hits. Default 40. */
  readonly hitsMax?: number
  /** Only monsters of this kind. */
  readonly monster?: string
}

const { attack } = routes.game.scene
/** Between two hits, where the server does not say when the next may be. */
const hitEveryMs = 850
const reviveMs = 500
/** What a kill leaves shows with one of the next steps of the scene. */
const lookMs = 250
/** Goes for one of the nearest, so that not all fight for the same one. */
const choices = 3

const isAlive = ({ s, h }: SceneEntity): boolean => s !== 'd' && (h === undefined || h[0] > 0)

/** Looks for a monster, walks there, and hits it until it is dead, or the role is. What it leaves is for `gather`. */
export const hunt = ({ reachCm = 150, hitsMax = 40, monster }: HuntOptions = {}): Behaviour =>
  behaviour('hunt', async (me) => {
    const which = me.random()
    const isPrey = (entity: SceneEntity) =>
      entity.k === 'm' && isAlive(entity) && (monster === undefined || entity.n === monster)
    const prey = await nearest(me, isPrey)
    const target = prey[Math.floor(which * Math.min(prey.length, choices))]
    if (target === undefined) return me.pause(hitEveryMs)
    for (let hits = 0; hits < hitsMax && !me.signal.aborted; hits++) {
      const seen = (await me.scene()).get(target.i)
      if (seen === undefined || !isAlive(seen)) return
      if (!(await comeNear(me, seen, reachCm))) return
      if ((await hit(me, target.i)) === 'over') return
    }
  })

/** A monster walks too: the way to it is looked up again until it is in reach. */
async function comeNear(me: Actor, target: SceneEntity, reachCm: number): Promise<boolean> {
  if (distance(await whereAmI(me), target.p) <= reachCm) return true
  return walkTo(me, target.p, reachCm * 0.8)
}

async function hit(me: Actor, target: number): Promise<'on' | 'over'> {
  const codes = ['TOO_SOON', 'OUT_OF_REACH', 'TARGET_NOT_FOUND', 'TARGET_INVALID', 'ROLE_DEAD'] as const
  const outcome = await orCode(me.request(attack, { target }), codes)
  switch (outcome.code) {
    case undefined:
      await me.pause(outcome.value.left === 0 ? lookMs : hitEveryMs)
      return outcome.value.left === 0 ? 'over' : 'on'
    case 'TOO_SOON':
    case 'OUT_OF_REACH':
      await me.pause(hitEveryMs / 2)
      return 'on'
    case 'ROLE_DEAD':
      await me.pause(reviveMs)
      return 'over'
    case 'TARGET_NOT_FOUND':
    case 'TARGET_INVALID':
      // Somebody else was quicker, which shows with the next step.
      await me.pause(lookMs)
      return 'over'
  }
}
