import type { ScenePoint } from '@hydra/protocol'
import { behaviour, type Behaviour } from '../script/behaviour.ts'
import { walkTo, whereAmI } from './walk.ts'

/** Where to, and how far. */
export interface WanderOptions {
  /** Longest way in each direction, in centimetres. Default 1,500: three seconds. */
  readonly reachCm?: number
  /** Stays around this place; else goes wherever it comes. */
  readonly around?: ScenePoint
}

/** Walks to some place not too far away. */
export const wander = ({ reachCm = 1_500, around }: WanderOptions = {}): Behaviour =>
  behaviour('wander', async (me) => {
    // Drawn before anything is asked, so that the decision does not depend on answers.
    const [dx, dy] = [(me.random() * 2 - 1) * reachCm, (me.random() * 2 - 1) * reachCm]
    const view = await me.scene()
    const { width = 0, height = 0 } = view.info ?? {}
    const [x, y] = around ?? (await whereAmI(me))
    const inside = (value: number, side: number) => Math.min(Math.max(Math.round(value), 0), side - 1)
    await walkTo(me, [inside(x + dx, width), inside(y + dy, height)])
  })

/** Walks to a place. */
export const goTo = (place: ScenePoint, withinCm = 0): Behaviour =>
  behaviour('go to a place', (me) => walkTo(me, place, withinCm))
