import { serviceCaller } from '../actor/role-actor-host.ts'
import type { GameHandler } from '../game.ts'
import { withSettled } from './wallet.ts'

/** Takes the gold also of a player who has left meanwhile: the role is loaded for it. */
export const settle: GameHandler<'game.wallet.settle'> =
  ({ actors, clock }) =>
  (context, { rid, uid, holdId }) =>
    actors.runFor(serviceCaller(context, { rid, uid }), async (role) => {
      await role.changeDurably((state) => withSettled(state, holdId, clock.nowMs()))
      return {}
    })
