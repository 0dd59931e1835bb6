import type { ScenePoint } from '@hydra/protocol'

/** Size of a scene, in centimetres. */
export interface Area {
  readonly width: number
  readonly height: number
}

/** How far two places are apart. */
export const distanceBetween = (a: ScenePoint, b: ScenePoint): number => Math.hypot(a[0] - b[0], a[1] - b[1])

/** The square of their distance: exact, as places are whole, and cheap; enough to compare. */
export function squareBetween(a: ScenePoint, b: ScenePoint): number {
  const dx = a[0] - b[0]
  const dy = a[1] - b[1]
  return dx * dx + dy * dy
}

/** Whether two places are at most `radius` apart. */
export const isWithin = (a: ScenePoint, b: ScenePoint, radius: number): boolean =>
  squareBetween(a, b) <= radius * radius

/** The nearest place inside, in whole centimetres. */
export const placeIn = ({ width, height }: Area, [x, y]: readonly [number, number]): ScenePoint => [
  Math.min(Math.max(Math.round(x), 0), width),
  Math.min(Math.max(Math.round(y), 0), height),
]

/** Any place inside that is at most `radius` from a centre, each as likely as the other (but for those cut off). */
export function placeAround(
  area: Area,
  [x, y]: ScenePoint,
  radius: number,
  random: () => number,
): ScenePoint {
  const angle = random() * 2 * Math.PI
  const distance = Math.sqrt(random()) * radius
  return placeIn(area, [x + Math.cos(angle) * distance, y + Math.sin(angle) * distance])
}
