import type { GameHandler } from '../game.ts'
import { decline as rule } from './requests.ts'

/** See {@link rule}. */
export const decline: GameHandler<'game.team.decline'> =
  ({ actors, teams }) =>
  (context, { teamId }) =>
    actors.run(context, context.session.rid, async ({ state: { rid } }) => {
      await teams.changes.change(teamId, (team) => rule(team, rid))
      return {}
    })
