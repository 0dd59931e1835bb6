import type { GameHandler } from '../game.ts'
import { settingsOf } from './settings.ts'

export const get: GameHandler<'game.settings.get'> =
  ({ actors }) =>
  (context) =>
    actors.run(context, context.session.rid, (role) => settingsOf(role.state))
