import { HydraError } from '@hydra/protocol'
import { withEntry, type Entry, type EntryDeps } from '../ledger/ledger.ts'
import type { RoleState } from '../role/role.ts'
import { take } from './bag.ts'

/** Some of what one slot holds. */
export interface SlotItem {
  readonly slot: number
  /** What the slot holds, as the player knows it. */
  readonly item: string
  readonly count: number
}

/** What using something does. */
export interface UseEffect {
  /** What comes and goes, the used items among it. */
  readonly entry: Entry
  /** Health for whoever is in a scene; no part of the role's data. */
  readonly health: number
}

/**
 * What using some of an item does, as its table row says.
 *
 * @throws HydraError `ITEM_NOT_OWNED`; `ITEM_NOT_USABLE`, also for an item that is in no table any more.
 */
export function useOf(role: RoleState, { slot, item, count }: SlotItem, { tables }: EntryDeps): UseEffect {
  // What one does not have is nobody's business, whether it can be used or not.
  take(role.bag, { item, count }, slot)
  const use = tables.items.get(item)?.use
  if (use === undefined) {
    throw new HydraError('ITEM_NOT_USABLE', `"${item}" cannot be used.`, { metadata: { item } })
  }
  const { gold = 0, gems = 0, exp = 0, health = 0, items = [] } = use
  const came = items.map((stack) => ({ item: stack.item, count: stack.count * count }))
  return {
    entry: {
      reason: 'use',
      gold: gold * count,
      gems: gems * count,
      exp: exp * count,
      items: [{ item, count: -count, slot }, ...came],
    },
    health: health * count,
  }
}

/**
 * The role after selling some of an item, for what its table row says.
 *
 * @throws HydraError `ITEM_NOT_OWNED`, `ITEM_NOT_SELLABLE`, `BALANCE_TOO_HIGH`, `SERVER_BUSY`.
 */
export function withSold(role: RoleState, { slot, item, count }: SlotItem, deps: EntryDeps): RoleState {
  take(role.bag, { item, count }, slot)
  const price = deps.tables.items.get(item)?.price
  if (price === undefined) {
    throw new HydraError('ITEM_NOT_SELLABLE', `Nobody buys "${item}".`, { metadata: { item } })
  }
  return withEntry(
    role,
    { reason: 'sell', gold: price * count, items: [{ item, count: -count, slot }] },
    deps,
  )
}
