import { limits, type ItemStack, type PayloadOf, type pushes } from '@hydra/protocol'
import type { Entry } from '../ledger/ledger.ts'
import { viewOf, type RoleState } from './role.ts'

type Rewarded = PayloadOf<typeof pushes.game.role.rewarded>

/** What `game.role.rewarded` says of an entry: what came by it. `undefined` when nothing has. */
export function rewardOf(
  reason: Rewarded['reason'],
  { gold = 0, gems = 0, exp = 0, items = [] }: Omit<Entry, 'reason'>,
  role: RoleState,
): Rewarded | undefined {
  const came = stacksOf(items.filter(({ count }) => count > 0))
  if (gold <= 0 && gems <= 0 && exp <= 0 && came.length === 0) return undefined
  const positive = (amount: number) => Math.max(0, amount)
  return {
    reason,
    exp: positive(exp),
    gold: positive(gold),
    gems: positive(gems),
    items: came,
    role: viewOf(role),
  }
}

/** The items as stacks that a push can name. */
function stacksOf(items: readonly ItemStack[]): ItemStack[] {
  return items.flatMap(({ item, count }) => {
    const full = Math.floor(count / limits.itemStackMax)
    const stacks = Array.from({ length: full }, () => ({ item, count: limits.itemStackMax }))
    const rest = count % limits.itemStackMax
    return rest === 0 ? stacks : [...stacks, { item, count: rest }]
  })
}
