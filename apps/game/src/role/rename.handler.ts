import { HydraError } from '@hydra/protocol'
import type { RoleTurn } from '../actor/role-turn.ts'
import type { Game, GameHandler } from '../game.ts'
import { renamed, viewOf } from './role.ts'

/**
 * Claims the new name, changes the role, frees the old name: in this order, a crash at any point leaves the role
 * with a name that is its own. Claiming belongs to the role's turn as well: a rename that
 * fails frees the name that it claimed, which must not be that of another one under way. Whoever shows the name is told
 * where every change is, see `actor/role-turns.ts`.
 */
export const rename: GameHandler<'game.role.rename'> =
  (game) =>
  (context, { name }) =>
    game.actors.run(context, context.session.rid, async (role) => {
      if (role.state.name === name) return { role: viewOf(role.state) }
      const { name: former } = role.state
      await game.roles.claimName(role.state.rid, name)
      await change(game, role, name)
      await freeName(game, role, former)
      return { role: viewOf(role.state) }
    })

async function change(game: Game, role: RoleTurn, name: string): Promise<void> {
  try {
    await role.changeDurably((state) => renamed(state, name))
  } catch (error) {
    // Nothing was stored, so the claim is given back. After other failures the change may be stored all the same:
    // both names stay reserved until the role is next renamed or loaded.
    if (HydraError.hasCode(error, 'SERVER_BUSY')) await freeName(game, role, name)
    throw error
  }
}

/** Exactly this one: a statement that times out here may still run later, when the role has yet another name. */
async function freeName(
  { roles, log }: Game,
  { state: { rid, name: kept } }: RoleTurn,
  name: string,
): Promise<void> {
  try {
    await roles.freeName(rid, name, kept)
  } catch (err) {
    log.warn({ rid, err }, 'a name that a role gave up stays reserved until the role is next loaded')
  }
}
