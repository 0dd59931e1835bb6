import type { GameHandler } from '../game.ts'
import { bagOf } from './bag-view.ts'

export const get: GameHandler<'game.bag.get'> =
  ({ actors }) =>
  (context) =>
    actors.run(context, context.session.rid, (role) => bagOf(role.state))
