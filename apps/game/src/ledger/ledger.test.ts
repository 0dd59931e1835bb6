import { HydraError } from '@hydra/protocol'
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { countOf } from '../bag/bag.ts'
import { expTotal } from '../progress/progress.ts'
import { newRole, startingGold, type RoleState } from '../role/role.ts'
import { smallTables } from '../test-support/small-tables.ts'
import { balanceMax, heldIn, withHold } from '../wallet/wallet.ts'
import { ringMax } from './ledger-ring.ts'
import { withEntry, type Entry } from './ledger.ts'

const ada = newRole({ rid: 'r1', uid: 'u1', name: 'Ada' }, 1_000)
const deps = { tables: smallTables, nowMs: 5_000 }
const given = (role: RoleState, entry: Entry) => withEntry(role, entry, deps)
const loot = (ref: string, item: string, count: number): Entry => ({
  reason: 'loot',
  ref,
  items: [{ item, count }],
})
const refused = (code: string) => expect.objectContaining({ code })

describe('an entry', () => {
  it('changes wallet, bag and experience, and notes what it has changed', () => {
    const role = given(ada, {
      reason: 'kill',
      ref: 'k1',
      gold: 3,
      gems: 1,
      exp: 150,
      items: [{ item: 'herb', count: 2 }],
    })
    expect(role).toMatchObject({
      level: 2,
      exp: 50,
      wallet: { gold: startingGold + 3, gems: 1 },
      ledger: {
        seq: 2,
        entries: [
          {},
          {
            seq: 2,
            atMs: 5_000,
            reason: 'kill',
            ref: 'k1',
            changes: { gold: 3, gems: 1, exp: 150, 'item:herb': 2 },
          },
        ],
      },
    })
    expect(role.bag.slots[0]).toEqual({ item: 'herb', count: 2 })
    expect(ada.ledger.seq).toBe(1)
  })

  it('of the same reason and ref is made once; one without changes only when it has a ref', () => {
    const role = given(ada, loot('l1', 'herb', 1))
    expect(given(role, loot('l1', 'herb', 5))).toBe(role)
    expect(given(role, { ...loot('l1', 'herb', 1), reason: 'kill' })).not.toBe(role)
    expect(given(ada, { reason: 'use', gold: 0 })).toBe(ada)
    const empty = given(ada, { reason: 'kill', ref: 'k1' })
    expect(empty.ledger.entries.at(-1)).toMatchObject({ ref: 'k1', changes: {} })
    expect(given(empty, { reason: 'kill', ref: 'k1', gold: 5 })).toBe(empty)
  })

  it('takes before it gives, and notes the sum for each item', () => {
    const full = { ...ada, bag: { slots: [{ item: 'herb', count: 20 }] } }
    const role = given(full, {
      reason: 'use',
      items: [
        { item: 'herb', count: 15 },
        { item: 'herb', count: -20, slot: 0 },
      ],
    })
    expect(role.bag.slots).toEqual([{ item: 'herb', count: 15 }])
    expect(role.ledger.entries.at(-1)?.changes).toEqual({ 'item:herb': -5 })
  })

  it('is made whole or not at all', () => {
    const small = { ...ada, bag: { slots: [null] } }
    expect(() => given(small, { ...loot('l1', 'herb', 21), gold: 5, exp: 5 })).toThrow(refused('BAG_FULL'))
    expect(() => given(ada, { reason: 'use', gold: -startingGold - 1 })).toThrow(refused('FUNDS_TOO_LOW'))
    expect(() => given(ada, { reason: 'use', gems: -1 })).toThrow(refused('FUNDS_TOO_LOW'))
    expect(() => given(ada, { reason: 'use', items: [{ item: 'herb', count: -1 }] })).toThrow(
      refused('ITEM_NOT_OWNED'),
    )
    expect(() => given(ada, { reason: 'use', gems: balanceMax + 1 })).toThrow(refused('BALANCE_TOO_HIGH'))
    expect(() => given(ada, loot('l1', 'unknown', 1))).toThrow(refused('INTERNAL'))
  })

  it('leaves room for gold that is set aside, and takes from who has too much already', () => {
    const held = withHold(ada, { holdId: 'h1', amount: 400, purpose: 'alliance' }, 1)
    const most = { reason: 'use', gold: balanceMax - startingGold } as const
    expect(() => given(held, { ...most, gold: most.gold + 1 })).toThrow(refused('BALANCE_TOO_HIGH'))
    const rich = given(held, most)
    expect(rich.wallet.gold + heldIn(rich.wallet)).toBe(balanceMax)
    const richer = { ...rich, wallet: { ...rich.wallet, gold: balanceMax * 2 } }
    expect(given(richer, { reason: 'use', gold: -1 }).wallet.gold).toBe(balanceMax * 2 - 1)
  })

  it('is refused while the ledger has no room, without a change', () => {
    let role = ada
    const fill = () => {
      for (let index = 0; index < ringMax; index++) role = given(role, { reason: 'sell', gold: 1 })
    }
    expect(fill).toThrow(refused('SERVER_BUSY'))
    expect(role.wallet.gold).toBe(startingGold + role.ledger.entries.length - 1)
  })
})

describe('whatever comes and goes', () => {
  const item = fc.record({
    item: fc.constantFrom('herb', 'potion', 'box', 'keepsake'),
    count: fc.integer({ min: -30, max: 40 }),
    slot: fc.option(fc.nat(41), { nil: undefined }),
  })
  const amount = fc.integer({ min: -600, max: 600 })
  const entry: fc.Arbitrary<Entry> = fc.record({
    reason: fc.constantFrom('use' as const, 'kill' as const),
    ref: fc.option(fc.constantFrom('a', 'b', 'c', 'd'), { nil: undefined }),
    gold: amount,
    gems: amount,
    exp: fc.nat(200),
    items: fc.array(item, { maxLength: 3 }),
  })

  it('the sum of the entries is what the role has', () => {
    fc.assert(
      fc.property(fc.array(entry, { maxLength: 100 }), (entries) => {
        const role = entries.reduce(givenOrRefused, ada)
        const sum = (asset: string) =>
          role.ledger.entries.reduce((total, { changes }) => total + (changes[asset] ?? 0), 0)
        expect(sum('gold')).toBe(role.wallet.gold)
        expect(sum('gems')).toBe(role.wallet.gems)
        expect(sum('exp')).toBe(expTotal(role, smallTables.levels))
        for (const id of smallTables.items.keys()) expect(sum(`item:${id}`)).toBe(countOf(role.bag, id))
        const refs = role.ledger.entries.flatMap(({ reason, ref }) =>
          ref === undefined ? [] : [`${reason} ${ref}`],
        )
        expect(new Set(refs).size).toBe(refs.length)
      }),
    )
  })
})

function givenOrRefused(role: RoleState, entry: Entry): RoleState {
  try {
    return given(role, entry)
  } catch (error) {
    const { code } = HydraError.from(error)
    if (['FUNDS_TOO_LOW', 'ITEM_NOT_OWNED', 'BAG_FULL'].includes(code)) return role
    throw error
  }
}
