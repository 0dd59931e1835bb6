import type { GameHandler } from '../game.ts'

/** The place is noted with the role when it leaves, or some time before. */
export const leave: GameHandler<'game.scene.leave'> =
  ({ actors, world }) =>
  (context) =>
    actors.run(context, context.session.rid, () => {
      world.leave(context.session)
      return {}
    })
