import type { GameHandler } from '../game.ts'
import { viewOf } from './role.ts'

/** The pattern of every handler that only reads. */
export const get: GameHandler<'game.role.get'> =
  ({ actors }) =>
  (context) =>
    actors.run(context, context.session.rid, (role) => ({ role: viewOf(role.state) }))
