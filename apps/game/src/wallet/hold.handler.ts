import { HydraError } from '@hydra/protocol'
import { serviceCaller } from '../actor/role-actor-host.ts'
import type { GameHandler } from '../game.ts'
import { withHold } from './wallet.ts'

/** Payments that their callers have left behind must not keep a role from paying: at the limit they are resolved first. */
export const hold: GameHandler<'game.wallet.hold'> =
  ({ actors, clock, holds }) =>
  async (context, { rid, uid, ...payment }) => {
    const caller = serviceCaller(context, { rid, uid })
    const attempt = () =>
      actors.runFor(caller, async (role) => {
        await role.changeDurably((state) => withHold(state, payment, clock.nowMs()))
        return {}
      })
    try {
      return await attempt()
    } catch (error) {
      // Not within the turn: resolving takes turns of the role itself.
      if (!HydraError.hasCode(error, 'HOLD_LIMIT_REACHED') || !(await holds.resolve(caller))) throw error
      return attempt()
    }
  }
