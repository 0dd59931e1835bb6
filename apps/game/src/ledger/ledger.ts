import { HydraError, type ItemStack, type LedgerEntry } from '@hydra/protocol'
import { put, take, type Bag } from '../bag/bag.ts'
import { withExp } from '../progress/progress.ts'
import type { RoleState } from '../role/role.ts'
import type { Tables } from '../tables/tables.ts'
import { balanceMax, heldIn, type Wallet } from '../wallet/wallet.ts'
import { hasEntry, withNoted } from './ledger-ring.ts'

/** What comes and goes in one entry; amounts above 0 come, those below go. */
export interface Entry {
  readonly reason: LedgerEntry['reason']
  /** What it is for. The same reason and ref again change nothing. */
  readonly ref?: string | undefined
  readonly gold?: number | undefined
  readonly gems?: number | undefined
  /** Only above 0: what was gained is never lost. */
  readonly exp?: number | undefined
  /** With `slot`, what goes is taken from there, and nowhere else. */
  readonly items?: readonly EntryItem[] | undefined
}

/** An item in an {@link Entry}. */
export type EntryItem = ItemStack & { readonly slot?: number | undefined }

/** What {@link withEntry} needs to know. */
export interface EntryDeps {
  readonly tables: Pick<Tables, 'levels' | 'items'>
  readonly nowMs: number
}

/**
 * The one rule by which value comes and goes (payments under way have theirs in `wallet.ts`): changes wallet, bag and
 * experience and notes it in the ledger, all or nothing. What goes goes first, so that it makes room for what comes.
 * Answers the same value when an entry of the same reason and ref is in the ring, so a reward is given once.
 *
 * For each asset the sum of all entries ever is what the role has.
 *
 * @throws HydraError `FUNDS_TOO_LOW`, `ITEM_NOT_OWNED`, `BAG_FULL`, `BALANCE_TOO_HIGH`; `INTERNAL` when an item comes that
 * no table has; `SERVER_BUSY` while the ledger has no room.
 *
 * @example
 * withEntry(role, { reason: 'kill', ref: killId, exp: 20, gold: 3 }, { tables, nowMs: clock.nowMs() })
 */
export function withEntry(role: RoleState, entry: Entry, { tables, nowMs }: EntryDeps): RoleState {
  const { reason, ref, gold = 0, gems = 0, exp = 0, items = [] } = entry
  if (ref !== undefined && hasEntry(role.ledger, reason, ref)) return role
  const changes = changesOf({ gold, gems, exp, items })
  if (ref === undefined && Object.values(changes).every((change) => change === 0)) return role
  return {
    ...(exp === 0 ? role : withExp(role, exp, tables.levels)),
    wallet: withCurrencies(role.wallet, { gold, gems }),
    bag: withItems(role.bag, items, tables),
    ledger: withNoted(role.ledger, { reason, ref, changes }, nowMs),
  }
}

interface Coming {
  readonly gold: number
  readonly gems: number
  readonly exp: number
  readonly items: readonly EntryItem[]
}

function changesOf({ items, ...amounts }: Coming): LedgerEntry['changes'] {
  const changes: Record<string, number> = { ...amounts }
  for (const { item, count } of items) {
    const asset = `item:${item}`
    changes[asset] = (changes[asset] ?? 0) + count
  }
  return changes
}

function withCurrencies(wallet: Wallet, { gold, gems }: { gold: number; gems: number }): Wallet {
  if (gold === 0 && gems === 0) return wallet
  const after = { ...wallet, gold: wallet.gold + gold, gems: wallet.gems + gems }
  for (const currency of ['gold', 'gems'] as const) {
    if (after[currency] < 0) {
      const amount = wallet[currency] - after[currency]
      throw new HydraError(
        'FUNDS_TOO_LOW',
        `This costs ${amount} ${currency}; the role has ${wallet[currency]}.`,
        {
          metadata: { [currency]: wallet[currency], amount },
        },
      )
    }
  }
  // Gold that is set aside counts, so that it can always come back.
  if (gold > 0) checkBalance('gold', after.gold + heldIn(wallet))
  if (gems > 0) checkBalance('gems', after.gems)
  return after
}

function checkBalance(asset: string, balance: number): void {
  if (balance <= balanceMax) return
  throw new HydraError('BALANCE_TOO_HIGH', `A role has at most ${balanceMax} ${asset}.`, {
    metadata: { asset, max: balanceMax },
  })
}

function withItems(bag: Bag, items: readonly EntryItem[], tables: EntryDeps['tables']): Bag {
  const taken = items
    .filter(({ count }) => count < 0)
    .reduce((left, { item, count, slot }) => take(left, { item, count: -count }, slot), bag)
  return items
    .filter(({ count }) => count > 0)
    .reduce((more, { item, count }) => put(more, { item, count }, stackMaxOf(item, tables)), taken)
}

function stackMaxOf(item: string, tables: EntryDeps['tables']): number {
  const row = tables.items.get(item)
  if (row === undefined) throw new HydraError('INTERNAL', `No design table has an item "${item}".`)
  return row.stackMax
}
