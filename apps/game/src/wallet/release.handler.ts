import { serviceCaller } from '../actor/role-actor-host.ts'
import type { GameHandler } from '../game.ts'
import { withReleased } from './wallet.ts'

/** Gives the gold back also to a player who has left meanwhile: the role is loaded for it. */
export const release: GameHandler<'game.wallet.release'> =
  ({ actors, clock }) =>
  (context, { rid, uid, holdId }) =>
    actors.runFor(serviceCaller(context, { rid, uid }), async (role) => {
      await role.changeDurably((state) => withReleased(state, holdId, clock.nowMs()))
      return {}
    })
