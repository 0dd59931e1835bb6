import type { GameHandler } from '../game.ts'
import { cancel as rule } from './requests.ts'

/** See {@link rule}. */
export const cancel: GameHandler<'game.team.cancel'> =
  ({ actors, teams }) =>
  (context, { teamId }) =>
    actors.run(context, context.session.rid, async ({ state: { rid } }) => {
      await teams.changes.change(teamId, (team) => rule(team, rid))
      return {}
    })
