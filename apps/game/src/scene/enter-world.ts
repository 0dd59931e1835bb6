import { HydraError, type SceneInfo } from '@hydra/protocol'
import type { ActorSession } from '../actor/role-session.ts'
import type { RoleTurn } from '../actor/role-turn.ts'
import type { Game } from '../game.ts'
import type { Elsewhere } from './host/world.ts'
import { placed } from './place.ts'

/**
 * Brings a role into the scene of its place. If that has no room, which may show only when the role has come to its server,
 * it goes to the start of the world instead: it must not be left with nowhere to be.
 *
 * @throws HydraError `SCENE_FULL`, `SERVER_BUSY` when the start has no room either, and as `RoleTurn.change`.
 */
export async function enterWorld(
  { world, tables }: Pick<Game, 'world' | 'tables'>,
  session: ActorSession & { readonly rid: string },
  role: RoleTurn,
): Promise<SceneInfo | Elsewhere> {
  try {
    return world.enter(session, role.state)
  } catch (error) {
    const [start] = tables.scenes.values()
    const hasNoRoom = HydraError.hasCode(error, 'SCENE_FULL') || HydraError.hasCode(error, 'SERVER_BUSY')
    if (!hasNoRoom || start === undefined || world.placeOf(role.state).scene === start.id) throw error
    await role.changeDurably(placed({ scene: start.id, ...start.start }))
    world.depart(session.rid)
    return world.enter(session, role.state)
  }
}
