import { HydraError } from '@hydra/protocol'
import type { RoleTurn } from '../actor/role-turn.ts'
import type { Game, GameHandler } from '../game.ts'
import { withEntry } from '../ledger/ledger.ts'
import { withOperation } from '../operation/operation.ts'
import type { Present } from './host/world.ts'
import type { Claimed } from './rules/loot.ts'

/**
 * Off the ground, into the bag, in this order: nobody else takes it meanwhile. What does not come into the bag, or perhaps
 * does not, lies there again for the same role; it takes the same loot once, by the ledger, however often it picks it up.
 */
export const pick: GameHandler<'game.scene.pick'> =
  (game) =>
  (context, { loot, operation }) =>
    game.actors.run(context, context.session.rid, async (role) => {
      // Before anything is claimed: who asks again is told so, and not that the loot is gone.
      withOperation(role.state, operation)
      const { rid, scene } = game.world.present(context.session)
      const claimed = scene.claim(rid, loot, game.clock.monotonicMs())
      await take(game, role, scene, { ...claimed, loot, operation })
      return { item: claimed.item, count: claimed.count }
    })

async function take(
  { tables, clock }: Game,
  role: RoleTurn,
  scene: Present['scene'],
  { lootId, item, count, loot, operation }: Claimed & { readonly loot: number; readonly operation: number },
): Promise<void> {
  try {
    await role.changeDurably((state) => {
      const entry = { reason: 'loot', ref: lootId, items: [{ item, count }] } as const
      return withEntry(withOperation(state, operation), entry, { tables, nowMs: clock.nowMs() })
    })
  } catch (error) {
    scene.giveBack(loot, isInDoubt(error))
    throw error
  }
  scene.settle(loot)
}

/** Whether the change may be stored although it has failed. */
const isInDoubt = (error: unknown): boolean =>
  !(error instanceof HydraError) ||
  ['STORAGE_UNAVAILABLE', 'TIMEOUT', 'ROLE_ELSEWHERE', 'INTERNAL'].includes(error.code)
