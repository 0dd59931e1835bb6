import type { GameHandler } from '../game.ts'

/** What a kill brings is given beside the turn, see `host/rewards.ts`. */
export const attack: GameHandler<'game.scene.attack'> =
  ({ actors, world, rewards, clock }) =>
  (context, { target }) =>
    actors.run(context, context.session.rid, () => {
      const { rid, scene } = world.present(context.session)
      const { kill, ...hit } = scene.attack(rid, target, clock.monotonicMs())
      if (kill !== undefined) rewards.add(kill)
      return hit
    })
