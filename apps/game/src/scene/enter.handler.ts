import type { GameHandler } from '../game.ts'
import { enterWorld } from './enter-world.ts'
import { arrived } from './host/hand-over.ts'

/** The view follows when the session receives its cells; see `host/viewer.ts`. */
export const enter: GameHandler<'game.scene.enter'> = (game) => async (context) => {
  const { session } = context
  const arrival = await game.actors.run(context, session.rid, (role) => enterWorld(game, session, role))
  return arrived(game, session, arrival)
}
