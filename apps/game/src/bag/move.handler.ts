import type { GameHandler } from '../game.ts'
import { withOperation } from '../operation/operation.ts'
import { bagOf } from './bag-view.ts'
import { move as moveIn } from './bag.ts'

/** Nothing comes or goes, so the ledger has no entry of it. */
export const move: GameHandler<'game.bag.move'> =
  ({ actors, tables }) =>
  (context, { operation, ...move }) =>
    actors.run(context, context.session.rid, async (role) => {
      // What is in no table any more can be moved, and not be stacked.
      const stackMax = tables.items.get(move.item)?.stackMax ?? 1
      const after = await role.changeDurably((state) => {
        const noted = withOperation(state, operation)
        return { ...noted, bag: moveIn(noted.bag, move, stackMax) }
      })
      return bagOf(after)
    })
