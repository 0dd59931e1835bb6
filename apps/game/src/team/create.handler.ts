import type { GameHandler } from '../game.ts'

/** See {@link TeamChanges.create}. */
export const create: GameHandler<'game.team.create'> =
  ({ actors, teams }) =>
  (context) =>
    actors.run(context, context.session.rid, async ({ state }) => ({
      team: await teams.changes.create(state),
    }))
