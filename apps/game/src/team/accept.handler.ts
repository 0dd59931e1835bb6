import type { GameHandler } from '../game.ts'
import { accept as rule } from './requests.ts'

/** The name and level that the team shows are those of this moment. */
export const accept: GameHandler<'game.team.accept'> =
  ({ actors, teams }) =>
  (context, { teamId }) =>
    actors.run(context, context.session.rid, async ({ state }) => ({
      team: await teams.changes.change(teamId, (team, { nowMs }) => rule(team, state, teams.settings, nowMs)),
    }))
