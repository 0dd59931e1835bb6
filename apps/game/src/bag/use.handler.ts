import { pushes } from '@hydra/protocol'
import type { GameHandler } from '../game.ts'
import { withEntry } from '../ledger/ledger.ts'
import { withOperation } from '../operation/operation.ts'
import { rewardOf } from '../role/reward.ts'
import { bagOf } from './bag-view.ts'
import { useOf, type UseEffect } from './spend-item.ts'

/** Health is given when the rest is stored: at most once, and not at all if this server dies in between. */
export const use: GameHandler<'game.bag.use'> =
  ({ actors, tables, clock, tell, world }) =>
  (context, { operation, ...used }) =>
    actors.run(context, context.session.rid, async (role) => {
      let effect: UseEffect | undefined
      const after = await role.changeDurably((state) => {
        const deps = { tables, nowMs: clock.nowMs() }
        const noted = withOperation(state, operation)
        effect = useOf(noted, used, deps)
        return withEntry(noted, effect.entry, deps)
      })
      if (effect !== undefined) {
        const { rid } = after
        const reward = rewardOf('use', effect.entry, after)
        if (reward !== undefined) tell(rid, pushes.game.role.rewarded, reward)
        if (effect.health > 0) world.heal(rid, effect.health)
      }
      return bagOf(after)
    })
