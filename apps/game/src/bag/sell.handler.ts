import type { GameHandler } from '../game.ts'
import { withOperation } from '../operation/operation.ts'
import { bagOf } from './bag-view.ts'
import { withSold } from './spend-item.ts'

export const sell: GameHandler<'game.bag.sell'> =
  ({ actors, tables, clock }) =>
  (context, { operation, ...sold }) =>
    actors.run(context, context.session.rid, async (role) => {
      const after = await role.changeDurably((state) =>
        withSold(withOperation(state, operation), sold, { tables, nowMs: clock.nowMs() }),
      )
      return { ...bagOf(after), gold: after.wallet.gold }
    })
