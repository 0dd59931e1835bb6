import { HydraError, type SceneInfo } from '@hydra/protocol'
import type { RoleTurn } from '../actor/role-turn.ts'
import type { Game, GameHandler } from '../game.ts'
import type { ActorSession } from '../actor/role-session.ts'
import { enterWorld } from './enter-world.ts'
import { arrived } from './host/hand-over.ts'
import type { Elsewhere } from './host/world.ts'
import { placed } from './place.ts'

/**
 * The arrival is stored before the role leaves the scene that it is in: whatever happens in between, it is in one of the
 * two. On the server of the other scene the same request finds it on its way there, and brings it in.
 */
export const travel: GameHandler<'game.scene.travel'> =
  (game) =>
  async (context, { to }) => {
    const { session } = context
    const arrival = await game.actors.run(context, session.rid, (role) => go(game, session, role, to))
    return arrived(game, session, arrival)
  }

async function go(
  game: Game,
  session: ActorSession & { readonly rid: string },
  role: RoleTurn,
  to: string,
): Promise<SceneInfo | Elsewhere> {
  const { world, tables } = game
  const { rid } = session
  if (world.placeOf(role.state).scene === to && tables.scenes.has(to)) return enterWorld(game, session, role)
  const place = world.present(session).scene.portal(rid, to)
  world.serverOf(to)
  if (world.isFull(to)) throw new HydraError('SCENE_FULL', 'The scene has no room now; try again later.')
  await role.changeDurably(placed(place))
  world.depart(rid)
  return enterWorld(game, session, role)
}
