import type { GameHandler } from '../game.ts'

/**
 * What a kill brings is given beside the turn, see `host/rewards.ts`. It is begun at once and not with the next step, by
 * which the role may be on its way to another server.
 */
export const attack: GameHandler<'game.scene.attack'> =
  ({ actors, world, rewards, clock }) =>
  (context, { target }) =>
    actors.run(context, context.session.rid, () => {
      const { rid, scene } = world.present(context.session)
      const hit = scene.attack(rid, target, clock.monotonicMs())
      for (const kill of scene.takeKills()) rewards.add(kill)
      return hit
    })
