import type { GameHandler } from '../game.ts'

/** A name or level that could not be told is shown from now on: everybody who enters asks for the team. */
export const get: GameHandler<'game.team.get'> =
  ({ actors, teams }) =>
  (context) =>
    actors.run(context, context.session.rid, async ({ state }) => ({
      team: (await teams.show(state.rid)) ?? null,
    }))
