import type { GameHandler } from '../game.ts'
import { settingsOf, withSettings } from './settings.ts'

/** The pattern of every handler that changes its role and nothing else. */
export const set: GameHandler<'game.settings.set'> =
  ({ actors }) =>
  (context, { changes }) =>
    actors.run(context, context.session.rid, async (role) =>
      settingsOf(await role.change((state) => withSettings(state, changes))),
    )
