import type { RoleRule } from '@hydra/persistence'
import type { ScenePoint } from '@hydra/protocol'
import type { Place, RoleState } from '../role/role.ts'

/** The rule that a role is at a place. */
export const placed =
  (place: Place): RoleRule<RoleState> =>
  (role) =>
    isSamePlace(role.place, place) ? role : { ...role, place }

/** Whether a role is noted to be at a place. */
export const isSamePlace = (noted: Place | null, place: Place): boolean =>
  noted !== null && noted.scene === place.scene && noted.x === place.x && noted.y === place.y

/** A point of a scene as roles keep it. */
export const placeAt = (scene: string, [x, y]: ScenePoint): Place => ({ scene, x, y })
