import * as z from 'zod'
import { defineRoute } from '../../define-route.ts'
import { limits } from '../../limits.ts'
import { empty, operation, tableId } from '../shared.ts'

const slot = z
  .number()
  .int()
  .min(0)
  .max(limits.bagSlotsMax - 1)
const count = z.number().int().min(1).max(limits.itemStackMax)

/** What lies in one slot of a bag. */
export const itemStack = z.object({ item: tableId, count })
/** Type of {@link itemStack}. */
export type ItemStack = Readonly<z.output<typeof itemStack>>

const bag = z.object({
  slots: z
    .array(itemStack.nullable())
    .max(limits.bagSlotsMax)
    .describe('One entry for each slot that the bag has; `null`: it is empty.'),
  lastOperation: z
    .number()
    .int()
    .nonnegative()
    .describe('The largest number of an operation that was made; the next one needs a larger one.'),
  version: z.number().int().nonnegative().describe("The role's version, as in `game.role.get`."),
})
const onOperation = ['OPERATION_REPEATED', 'OPERATION_TOO_OLD', 'OPERATION_TOO_FAR'] as const
const ofSlot = {
  operation,
  slot,
  item: tableId.describe('What the slot holds, as the client knows it: nothing else is touched by mistake.'),
  count,
}

/** Reads the bag. */
export const get = defineRoute({
  name: 'game.bag.get',
  code: 220,
  kind: 'request',
  auth: 'role',
  request: empty,
  response: bag,
  errors: [],
  summary: 'The bag of the entered role, and the number of its last operation.',
})

/** Moves, stacks or splits. */
export const move = defineRoute({
  name: 'game.bag.move',
  code: 221,
  kind: 'request',
  auth: 'role',
  request: z.object({
    operation,
    from: slot,
    to: slot,
    item: ofSlot.item,
    count: count.optional().describe('How many; all of them when absent.'),
  }),
  response: bag,
  errors: [...onOperation, 'ITEM_NOT_OWNED', 'SLOT_TAKEN'],
  summary:
    'Put what lies in one slot into another: part of it into an empty slot splits, onto the same item stacks as far as ' +
    'a stack goes, all of it onto another item exchanges the two.',
})

/** Uses an item. */
export const use = defineRoute({
  name: 'game.bag.use',
  code: 222,
  kind: 'request',
  auth: 'role',
  request: z.object(ofSlot),
  response: bag,
  errors: [...onOperation, 'ITEM_NOT_OWNED', 'ITEM_NOT_USABLE', 'BAG_FULL', 'BALANCE_TOO_HIGH'],
  summary:
    'Use up some of an item, for what its table row says: health, experience, gold, gems, other items.',
})

/** Sells an item. */
export const sell = defineRoute({
  name: 'game.bag.sell',
  code: 223,
  kind: 'request',
  auth: 'role',
  request: z.object(ofSlot),
  response: bag.extend({ gold: z.number().int().nonnegative().describe('Gold of the role, afterwards.') }),
  errors: [...onOperation, 'ITEM_NOT_OWNED', 'ITEM_NOT_SELLABLE', 'BALANCE_TOO_HIGH'],
  summary: 'Sell some of an item for the gold that its table row says.',
})
