import type { RoleTurn } from '../actor/role-writer.ts'
import { hasCode } from '../actor/role-writer.ts'
import type { Game, GameHandler } from '../game.ts'
import { renamed, viewOf } from './role.ts'

/**
 * Claims the new name, changes the role, frees the old name: in this order, a crash at any point leaves the role
 * with a name that is its own. Claiming belongs to the role's turn as well: of two renames the second would lose its
 * claim to the clean-up of the first.
 */
export const rename: GameHandler<'game.role.rename'> =
  (game) =>
  (context, { name }) =>
    game.actors.run(context, context.session.rid, async (role) => {
      if (role.state.name === name) return { role: viewOf(role.state) }
      await game.roles.claimName(role.state.rid, name)
      await change(game, role, name)
      await keepOnlyName(game, role)
      await game.chat.renamed(role.state)
      return { role: viewOf(role.state) }
    })

async function change(game: Game, role: RoleTurn, name: string): Promise<void> {
  try {
    await role.change((state) => renamed(state, name))
  } catch (error) {
    // Nothing was stored, so the claim is given back. After other failures the change may be stored all the same:
    // both names stay reserved until the role is next renamed or loaded.
    if (hasCode(error, 'SERVER_BUSY')) await keepOnlyName(game, role)
    throw error
  }
}

async function keepOnlyName({ roles, log }: Game, { state: { rid, name } }: RoleTurn): Promise<void> {
  try {
    await roles.keepOnlyName(rid, name)
  } catch (err) {
    log.warn(
      { rid, err },
      'a name that a role gave up stays reserved until the role is next renamed or loaded',
    )
  }
}
