import type { ItemStack, LedgerEntry } from '@hydra/protocol'
import type { Tables } from '../tables/tables.ts'

/** What somebody asks of what a role owns. */
export type ValueCall =
  | (ItemStack & { readonly do: 'use' | 'sell'; readonly operation: number; readonly slot: number })
  | (Omit<ItemStack, 'count'> & {
      readonly do: 'move'
      readonly operation: number
      readonly from: number
      readonly to: number
      readonly count?: number
    })
  | {
      readonly do: 'kill' | 'loot'
      readonly ref: string
      readonly exp: number
      readonly gold: number
      readonly items: readonly ItemStack[]
    }
  | { readonly do: 'hold'; readonly holdId: string; readonly amount: number }
  | { readonly do: 'settle' | 'release'; readonly holdId: string }

/** What a role owns, and how it came to that. */
export interface OwnedValue {
  readonly level: number
  readonly exp: number
  readonly gold: number
  readonly gems: number
  readonly held: Readonly<Record<string, number>>
  readonly endedHolds: readonly string[]
  readonly slots: readonly (ItemStack | null)[]
  /** Numbers of all operations that were ever made. */
  readonly operations: readonly number[]
  /** `reason`, `ref` and `changes` of all entries, the first one first. */
  readonly ledger: readonly Pick<LedgerEntry, 'reason' | 'ref' | 'changes'>[]
}

/** What a call leads to: `done`, or the code with which it is refused. */
export interface ValueOutcome {
  readonly answer: string
  readonly value: OwnedValue
}

class Refusal extends Error {}

/** A role that has just been made. */
export const newValue = (): OwnedValue => ({
  level: 1,
  exp: 0,
  gold: 1_000,
  gems: 0,
  held: {},
  endedHolds: [],
  slots: Array.from({ length: 40 }, () => null),
  operations: [],
  ledger: [{ reason: 'opening', changes: { gold: 1_000 } }],
})

/**
 * The rules of value once more, told as plainly as can be: what tests compare the service with. It shares no code with
 * it, knows of no stores and of no failures, and remembers everything.
 */
export function applied(value: OwnedValue, call: ValueCall, tables: Tables): ValueOutcome {
  const draft = new Draft(value, tables)
  try {
    draft.apply(call)
    return { answer: 'done', value: draft.value() }
  } catch (error) {
    if (error instanceof Refusal) return { answer: error.message, value }
    throw error
  }
}

class Draft {
  readonly #tables: Tables
  readonly #v: { -readonly [K in keyof OwnedValue]: OwnedValue[K] }
  readonly #slots: (ItemStack | null)[]
  readonly #changes: Record<string, number> = {}

  constructor(value: OwnedValue, tables: Tables) {
    this.#tables = tables
    this.#v = { ...value }
    this.#slots = [...value.slots]
  }

  value(): OwnedValue {
    return { ...this.#v, slots: this.#slots }
  }

  apply(call: ValueCall): void {
    switch (call.do) {
      case 'use':
      case 'sell': {
        this.#operate(call.operation)
        this.#takeFrom(call.slot, call.item, call.count)
        const row = this.#tables.items.get(call.item)
        if (call.do === 'sell') this.#come('gold', (row?.price ?? refuse('ITEM_NOT_SELLABLE')) * call.count)
        else {
          const effect = row?.use ?? refuse('ITEM_NOT_USABLE')
          this.#come('gold', (effect.gold ?? 0) * call.count)
          this.#come('gems', (effect.gems ?? 0) * call.count)
          this.#gain((effect.exp ?? 0) * call.count)
          for (const { item, count } of effect.items ?? []) this.#putIn(item, count * call.count)
        }
        return this.#note(call.do)
      }
      case 'move':
        this.#operate(call.operation)
        return this.#move(call.from, call.to, call.item, call.count)
      case 'kill':
      case 'loot':
        if (this.#v.ledger.some(({ reason, ref }) => reason === call.do && ref === call.ref)) return
        this.#come('gold', call.gold)
        this.#gain(call.exp)
        for (const { item, count } of call.items) this.#putIn(item, count)
        return this.#note(call.do, call.ref)
      case 'hold':
        return this.#hold(call.holdId, call.amount)
      case 'settle':
      case 'release':
        return this.#endHold(call.do, call.holdId)
    }
  }

  #operate(operation: number): void {
    const last = Math.max(0, ...this.#v.operations)
    if (operation <= last - 64) refuse('OPERATION_TOO_OLD')
    if (operation > last + 1_000) refuse('OPERATION_TOO_FAR')
    if (this.#v.operations.includes(operation)) refuse('OPERATION_REPEATED')
    this.#v.operations = [...this.#v.operations, operation]
  }

  #hold(holdId: string, amount: number): void {
    if (holdId in this.#v.held) return
    if (this.#v.endedHolds.includes(holdId)) refuse('BAD_REQUEST')
    if (Object.keys(this.#v.held).length >= 8) refuse('HOLD_LIMIT_REACHED')
    if (this.#v.gold < amount) refuse('FUNDS_TOO_LOW')
    this.#come('gold', -amount)
    this.#changes['held'] = amount
    this.#v.held = { ...this.#v.held, [holdId]: amount }
    this.#note('hold', holdId)
  }

  #endHold(how: 'settle' | 'release', holdId: string): void {
    const amount = this.#v.held[holdId]
    const isEnded = this.#v.endedHolds.includes(holdId)
    if (amount === undefined && (isEnded || how === 'settle')) return
    this.#v.endedHolds = [...this.#v.endedHolds, holdId]
    if (amount === undefined) return
    this.#v.held = Object.fromEntries(Object.entries(this.#v.held).filter(([id]) => id !== holdId))
    this.#changes['held'] = -amount
    if (how === 'release') this.#come('gold', amount)
    this.#note(how, holdId)
  }

  #come(currency: 'gold' | 'gems', amount: number): void {
    this.#v[currency] += amount
    this.#changes[currency] = (this.#changes[currency] ?? 0) + amount
  }

  #gain(exp: number): void {
    this.#changes['exp'] = (this.#changes['exp'] ?? 0) + exp
    for (let left = exp; left > 0; left--) {
      this.#v.exp++
      const needed = this.#tables.levels[this.#v.level - 1]?.exp
      if (this.#v.exp !== needed) continue
      this.#v.level++
      this.#v.exp = 0
    }
  }

  #takeFrom(slot: number, item: string, count: number): void {
    const lies = this.#slots[slot]
    if (lies?.item !== item || lies.count < count) return refuse('ITEM_NOT_OWNED')
    this.#slots[slot] = lies.count === count ? null : { item, count: lies.count - count }
    this.#changes[`item:${item}`] = (this.#changes[`item:${item}`] ?? 0) - count
  }

  /** One by one: onto the first stack that has room, else into the first empty slot. */
  #putIn(item: string, count: number): void {
    const most = this.#tables.items.get(item)?.stackMax ?? 0
    for (let left = count; left > 0; left--) {
      let slot = this.#slots.findIndex((lies) => lies?.item === item && lies.count < most)
      if (slot === -1) slot = this.#slots.indexOf(null)
      if (slot === -1) refuse('BAG_FULL')
      this.#slots[slot] = { item, count: (this.#slots[slot]?.count ?? 0) + 1 }
    }
    this.#changes[`item:${item}`] = (this.#changes[`item:${item}`] ?? 0) + count
  }

  #move(from: number, to: number, item: string, count?: number): void {
    const source = this.#slots[from]
    if (source?.item !== item || source.count < (count ?? 1)) return refuse('ITEM_NOT_OWNED')
    if (to >= this.#slots.length) refuse('BAD_REQUEST')
    if (from === to) return
    const target = this.#slots[to]
    const moved = count ?? source.count
    if (target && target.item !== item) {
      if (moved < source.count) refuse('SLOT_TAKEN')
      this.#slots[from] = target
      this.#slots[to] = source
      return
    }
    const has = target?.count ?? 0
    // Into an empty slot goes whatever was in one slot before.
    const most = target ? (this.#tables.items.get(item)?.stackMax ?? 0) : Infinity
    const fits = Math.min(moved, Math.max(0, most - has))
    if (fits === 0) refuse('SLOT_TAKEN')
    this.#slots[from] = source.count === fits ? null : { item, count: source.count - fits }
    this.#slots[to] = { item, count: has + fits }
  }

  #note(reason: LedgerEntry['reason'], ref?: string): void {
    const changes = Object.fromEntries(Object.entries(this.#changes).filter(([, change]) => change !== 0))
    this.#v.ledger = [...this.#v.ledger, ref === undefined ? { reason, changes } : { reason, ref, changes }]
  }
}

function refuse(code: string): never {
  throw new Refusal(code)
}
