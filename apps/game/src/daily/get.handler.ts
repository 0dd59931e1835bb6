import type { GameHandler } from '../game.ts'
import { dailyOf } from './daily.ts'

export const get: GameHandler<'game.daily.get'> =
  ({ actors, days, clock }) =>
  (context) =>
    actors.run(context, context.session.rid, (role) => dailyOf(role.state, days, clock.nowMs()))
