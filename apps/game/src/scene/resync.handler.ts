import type { GameHandler } from '../game.ts'

export const resync: GameHandler<'game.scene.resync'> =
  ({ actors, world }) =>
  (context) =>
    actors.run(context, context.session.rid, () => {
      const { key, tick } = world.resync(context.session).scene.state
      return { x: key, t: tick }
    })
