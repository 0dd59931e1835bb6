import type { SceneEntity, ScenePoint } from '@hydra/protocol'
import type { Actor } from '../actor.ts'
import { orCode } from './refusals.ts'

/** How fast a role may walk, in centimetres per second. */
export const walkingSpeed = 500
/** Between two steps. */
export const stepMs = 100
/** A little less than allowed: a step that comes early by the server's clock is not refused for it. */
const usualPace = 0.9
const slowestPace = 0.4

/** What walking needs of an actor. */
export type Walker = Pick<Actor, 'scene' | 'step' | 'pause' | 'clock' | 'signal'>

/** Distance of two places, in centimetres. */
export const distance = (a: ScenePoint, b: ScenePoint): number => Math.hypot(a[0] - b[0], a[1] - b[1])

/** The place on the way from one to the other, `cm` from the first; the other one when it is nearer than that. */
export function towards(from: ScenePoint, to: ScenePoint, cm: number): ScenePoint {
  const all = distance(from, to)
  if (all <= cm) return to
  const share = cm / all
  // Whole centimetres, towards the start: rounding must not make a step longer than it may be.
  const part = (a: number, b: number) => a + Math.trunc((b - a) * share)
  return [part(from[0], to[0]), part(from[1], to[1])]
}

/** Where the own role stands. @throws HydraError when the world cannot be entered. */
export async function whereAmI(me: Pick<Actor, 'scene'>): Promise<ScenePoint> {
  const view = await me.scene()
  const self = view.self
  const at = self?.p ?? view.info?.at
  if (at === undefined) throw new Error('The world was entered, and yet nothing says where the role is.')
  return at
}

/**
 * Walks to a place, a step each tenth of a second, and slower for a while when the server says that a step was too far.
 * Answers whether it got there, within `withinCm`: not if the round is to end, and not if it cannot walk any more.
 *
 * @throws HydraError as `game.scene.move`, but for `MOVE_TOO_FAR` and `ROLE_DEAD`.
 */
export async function walkTo(me: Walker, to: ScenePoint, withinCm = 0): Promise<boolean> {
  let pace = usualPace
  while (!me.signal.aborted) {
    const at = await whereAmI(me)
    const left = distance(at, to)
    if (left <= withinCm) return true
    const beganAtMs = me.clock.monotonicMs()
    const length = Math.min((walkingSpeed * stepMs * pace) / 1_000, left)
    const { code } = await orCode(me.step(towards(at, to, length)), ['MOVE_TOO_FAR', 'ROLE_DEAD'])
    if (code === 'ROLE_DEAD') return false
    pace = code === 'MOVE_TOO_FAR' ? Math.max(pace * 0.7, slowestPace) : Math.min(pace * 1.05, usualPace)
    await me.pause(stepMs - (me.clock.monotonicMs() - beganAtMs))
  }
  return false
}

/** Those of the entities in view that are wanted, the nearest first. */
export async function nearest(
  me: Pick<Actor, 'scene'>,
  isWanted: (entity: SceneEntity) => boolean,
): Promise<readonly SceneEntity[]> {
  const at = await whereAmI(me)
  const view = await me.scene()
  return [...view.entities()]
    .filter(isWanted)
    .sort((a, b) => distance(a.p, at) - distance(b.p, at) || a.i - b.i)
}
