import { HydraError, type ItemStack } from '@hydra/protocol'

/** Slots of a new role's bag. */
export const startingSlots = 40

/** What a role carries: what lies in each slot; `null`: nothing. */
export type Bag = Readonly<{ slots: readonly (ItemStack | null)[] }>

/** An empty bag. */
export const newBag = (slots = startingSlots): Bag => ({ slots: Array.from({ length: slots }, () => null) })

/** How many of an item lie in all slots together. */
export function countOf({ slots }: Bag, item: string): number {
  return slots.reduce((sum, stack) => (stack?.item === item ? sum + stack.count : sum), 0)
}

/**
 * The bag with more of an item: on the stacks of it that have room, then in empty slots, each from the first slot on.
 *
 * @throws HydraError `BAG_FULL` when not all of it has room; none of it is in the bag then.
 *
 * @example put(newBag(2), { item: 'potion-small', count: 30 }, 20) // 20 in the first slot, 10 in the second
 */
export function put({ slots }: Bag, { item, count }: ItemStack, stackMax: number): Bag {
  const after = [...slots]
  let left = count
  const fill = (isFit: (stack: ItemStack | null) => boolean) => {
    for (let slot = 0; slot < after.length && left > 0; slot++) {
      const stack = after[slot] ?? null
      if (!isFit(stack)) continue
      const has = stack?.count ?? 0
      const more = Math.min(left, Math.max(0, stackMax - has))
      if (more === 0) continue
      after[slot] = { item, count: has + more }
      left -= more
    }
  }
  fill((stack) => stack?.item === item)
  fill((stack) => stack === null)
  if (left > 0) {
    throw new HydraError(
      'BAG_FULL',
      `The bag has room for ${count - left} of ${count} "${item}"; make room first.`,
      {
        metadata: { item, count, room: count - left },
      },
    )
  }
  return { slots: after }
}

/**
 * The bag with less of an item: out of one slot, or else out of any, from the last one back.
 *
 * @throws HydraError `ITEM_NOT_OWNED` when it does not hold so many; nothing is taken then.
 */
export function take(bag: Bag, { item, count }: ItemStack, slot?: number): Bag {
  const owned = slot === undefined ? countOf(bag, item) : countOf({ slots: [bag.slots[slot] ?? null] }, item)
  if (owned < count) throw notOwned({ item, count }, owned, slot)
  const after = [...bag.slots]
  let left = count
  for (let index = slot ?? after.length - 1; left > 0; index--) {
    const stack = after[index] ?? null
    if (stack?.item !== item) continue
    const less = Math.min(left, stack.count)
    after[index] = less === stack.count ? null : { item, count: stack.count - less }
    left -= less
  }
  return { slots: after }
}

/** What {@link move} is asked. */
export interface Move {
  readonly from: number
  readonly to: number
  /** What `from` holds, as the player knows it. */
  readonly item: string
  /** All of it when absent. */
  readonly count?: number | undefined
}

/**
 * The bag with something put from one slot into another. Into an empty slot: all of it, or a part, which splits the
 * stack. Onto the same item: as far as a stack goes. All of it onto another item: the two change places. Onto its own
 * slot: the same bag.
 *
 * @param stackMax Most of the item in one slot.
 * @throws HydraError `ITEM_NOT_OWNED`; `SLOT_TAKEN` when nothing can be put there; `BAD_REQUEST` when the bag does not
 * have the slot.
 */
export function move(bag: Bag, { from, to, item, count }: Move, stackMax: number): Bag {
  const source = bag.slots[from] ?? null
  if (source?.item !== item || source.count < (count ?? 1)) {
    throw notOwned({ item, count: count ?? 1 }, source?.item === item ? source.count : 0, from)
  }
  const target = bag.slots[to]
  if (target === undefined) {
    throw new HydraError(
      'BAD_REQUEST',
      `The bag has no slot ${to}; its slots are 0 to ${bag.slots.length - 1}.`,
      {
        metadata: { slots: bag.slots.length },
      },
    )
  }
  const moved = count ?? source.count
  if (from === to) return bag
  if (target === null) return moveTo(bag, from, to, moved)
  if (target.item === item) {
    const room = Math.max(0, stackMax - target.count)
    if (room === 0) throw slotTaken(to, `The stack in slot ${to} is full.`)
    return moveTo(bag, from, to, Math.min(moved, room))
  }
  if (moved < source.count) {
    throw slotTaken(to, `Slot ${to} holds something else; only a whole stack changes places with it.`)
  }
  return { slots: bag.slots.with(from, target).with(to, source) }
}

/** Moves between two slots of which the other is empty, or holds the same. */
function moveTo({ slots }: Bag, from: number, to: number, count: number): Bag {
  const source = slots[from]
  if (!source) return { slots }
  const { item } = source
  const left = source.count - count
  const has = slots[to]?.count ?? 0
  return {
    slots: slots.with(from, left === 0 ? null : { item, count: left }).with(to, { item, count: has + count }),
  }
}

const slotTaken = (slot: number, message: string) =>
  new HydraError('SLOT_TAKEN', message, { metadata: { slot } })

function notOwned({ item, count }: ItemStack, owned: number, slot?: number): HydraError {
  const where = slot === undefined ? 'The bag' : `Slot ${slot}`
  return new HydraError('ITEM_NOT_OWNED', `${where} holds ${owned} "${item}", not ${count}.`, {
    metadata: { item, count, owned, ...(slot === undefined ? {} : { slot }) },
  })
}
