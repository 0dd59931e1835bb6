import type { ResponseOf, routes } from '@hydra/protocol'
import type { RoleState } from '../role/role.ts'

/** What its own player is answered. */
export function bagOf({ bag, operations, version }: RoleState): ResponseOf<typeof routes.game.bag.get> {
  return { slots: [...bag.slots], lastOperation: operations.last, version }
}
