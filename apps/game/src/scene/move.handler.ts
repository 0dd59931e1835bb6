import type { GameHandler } from '../game.ts'

/** The request that players send most: no promise, and nothing stored. */
export const move: GameHandler<'game.scene.move'> =
  ({ actors, world, clock }) =>
  (context, { to }) =>
    actors.run(context, context.session.rid, () => {
      const { rid, scene } = world.present(context.session)
      const [x, y] = scene.move(rid, to, clock.monotonicMs())
      return { at: [x, y], t: scene.state.tick }
    })
