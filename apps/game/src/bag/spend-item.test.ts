import { describe, expect, it } from 'vitest'
import { startingGold } from '../role/role.ts'
import { smallTables } from '../test-support/small-tables.ts'
import { roleWith } from '../test-support/with-items.ts'
import { useOf, withSold } from './spend-item.ts'

const deps = { tables: smallTables, nowMs: 5_000 }
const items = ['potion', 'box', 'keepsake', 'herb'].map((item) => ({
  item,
  count: item === 'keepsake' ? 1 : 3,
}))
const ada = roleWith({ rid: 'r1', uid: 'u1', name: 'Ada' }, items, deps)
const refused = (code: string) => expect.objectContaining({ code })

describe('using an item', () => {
  it('does so much for each of them', () => {
    expect(useOf(ada, { slot: 0, item: 'potion', count: 2 }, deps)).toEqual({
      health: 100,
      entry: { reason: 'use', gold: 0, gems: 0, exp: 0, items: [{ item: 'potion', count: -2, slot: 0 }] },
    })
    expect(useOf(ada, { slot: 1, item: 'box', count: 2 }, deps)).toMatchObject({
      health: 0,
      entry: {
        gold: 2,
        items: [
          { item: 'box', count: -2, slot: 1 },
          { item: 'herb', count: 60 },
        ],
      },
    })
  })

  it('is refused when it is not there, cannot be used, or is in no table any more', () => {
    expect(() => useOf(ada, { slot: 0, item: 'potion', count: 4 }, deps)).toThrow(refused('ITEM_NOT_OWNED'))
    expect(() => useOf(ada, { slot: 2, item: 'keepsake', count: 1 }, deps)).toThrow(
      refused('ITEM_NOT_USABLE'),
    )
    const gone = { ...ada, bag: { slots: [{ item: 'gone', count: 1 }] } }
    expect(() => useOf(gone, { slot: 0, item: 'gone', count: 1 }, deps)).toThrow(refused('ITEM_NOT_USABLE'))
    expect(() => withSold(gone, { slot: 0, item: 'gone', count: 1 }, deps)).toThrow(
      refused('ITEM_NOT_SELLABLE'),
    )
  })
})

describe('selling an item', () => {
  it('is paid for each of them, in one entry', () => {
    const role = withSold(ada, { slot: 3, item: 'herb', count: 3 }, deps)
    expect(role.wallet.gold).toBe(startingGold + 6)
    expect(role.bag.slots[3]).toBeNull()
    expect(role.ledger.entries.at(-1)).toMatchObject({
      reason: 'sell',
      changes: { gold: 6, 'item:herb': -3 },
    })
  })
})
