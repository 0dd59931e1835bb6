import { HydraError, type ItemStack } from '@hydra/protocol'
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { countOf, move, newBag, put, take, type Bag, type Move } from './bag.ts'

const herbs = (count: number): ItemStack => ({ item: 'herb', count })
const caps = (count: number): ItemStack => ({ item: 'cap', count })
const bagOf = (...slots: (ItemStack | null)[]): Bag => ({ slots })
const failing = (code: string, metadata: object = {}) =>
  expect.objectContaining({ code, metadata: expect.objectContaining(metadata) })

describe('a bag', () => {
  it('takes items up, first where there are some already', () => {
    expect(put(bagOf(null, herbs(15), null), herbs(30), 20).slots).toEqual([herbs(20), herbs(20), herbs(5)])
  })

  it('takes all of them up, or none', () => {
    const bag = bagOf(herbs(15), caps(1))
    expect(() => put(bag, herbs(6), 20)).toThrow(failing('BAG_FULL', { room: 5 }))
    expect(bag.slots).toEqual([herbs(15), caps(1)])
  })

  it('adds nothing to a stack that is larger than it may be by now', () => {
    expect(put(bagOf(herbs(50), null), herbs(3), 20).slots).toEqual([herbs(50), herbs(3)])
  })

  it('gives items out of one slot, or of any from the last one back', () => {
    const bag = bagOf(herbs(4), caps(1), herbs(6))
    expect(take(bag, herbs(4), 0).slots).toEqual([null, caps(1), herbs(6)])
    expect(take(bag, herbs(5), 2).slots).toEqual([herbs(4), caps(1), herbs(1)])
    expect(take(bag, herbs(8)).slots).toEqual([herbs(2), caps(1), null])
  })

  it.each([
    ['more than a slot holds', herbs(5), 0],
    ['what another slot holds', herbs(1), 1],
    ['what an empty slot does not hold', herbs(1), 3],
    ['what a slot beyond it holds', herbs(1), 99],
    ['more than it holds', herbs(11), undefined],
  ])('does not give %s', (_, stack, slot) => {
    const bag = bagOf(herbs(4), caps(1), herbs(6), null)
    expect(() => take(bag, stack, slot)).toThrow(failing('ITEM_NOT_OWNED'))
  })
})

describe('moving within a bag', () => {
  const bag = bagOf(herbs(12), null, herbs(15), caps(1), herbs(20))
  const moved = (from: number, to: number, count?: number, item = 'herb') =>
    move(bag, { from, to, item, count }, 20).slots

  it('puts a whole stack into an empty slot, or splits it', () => {
    expect(moved(0, 1)).toEqual([null, herbs(12), herbs(15), caps(1), herbs(20)])
    expect(moved(0, 1, 12)).toEqual(moved(0, 1))
    expect(moved(0, 1, 5)).toEqual([herbs(7), herbs(5), herbs(15), caps(1), herbs(20)])
  })

  it('stacks as far as a stack goes', () => {
    expect(moved(0, 2)).toEqual([herbs(7), null, herbs(20), caps(1), herbs(20)])
    expect(moved(0, 2, 3)).toEqual([herbs(9), null, herbs(18), caps(1), herbs(20)])
    expect(() => moved(0, 4)).toThrow(failing('SLOT_TAKEN'))
  })

  it('exchanges two whole stacks', () => {
    expect(moved(0, 3)).toEqual([caps(1), null, herbs(15), herbs(12), herbs(20)])
    expect(() => moved(0, 3, 5)).toThrow(failing('SLOT_TAKEN'))
  })

  it('onto its own slot changes nothing', () => {
    expect(move(bag, { from: 0, to: 0, item: 'herb', count: 3 }, 20)).toBe(bag)
  })

  it('refuses what is not there, and slots that are not there', () => {
    for (const [from, item, count] of [
      [0, 'cap'],
      [0, 'herb', 13],
      [1, 'herb'],
      [99, 'herb'],
    ] as const) {
      expect(() => moved(from, 1, count, item)).toThrow(failing('ITEM_NOT_OWNED'))
    }
    expect(() => moved(0, 5)).toThrow(failing('BAD_REQUEST', { slots: 5 }))
  })
})

describe('whatever is done with a bag', () => {
  const slot = fc.nat(5)
  const count = fc.integer({ min: 1, max: 12 })
  const item = fc.constantFrom('herb', 'cap')
  const call = fc.oneof(
    fc.record({ do: fc.constant('put' as const), item, count }),
    fc.record({ do: fc.constant('take' as const), item, count, slot: fc.option(slot, { nil: undefined }) }),
    fc.record({
      do: fc.constant('move' as const),
      item,
      count: fc.option(count, { nil: undefined }),
      from: slot,
      to: slot,
    }),
  )

  it('nothing comes from nowhere or is lost, and no stack is larger than it may be', () => {
    fc.assert(
      fc.property(fc.array(call, { maxLength: 80 }), (calls) => {
        let bag = newBag(5)
        const owned: Record<string, number> = { herb: 0, cap: 0 }
        for (const current of calls) {
          const before = structuredClone(bag)
          const after = afterCall(bag, current)
          expect(bag).toEqual(before)
          if (after === undefined) continue
          bag = after
          const sign = { put: 1, take: -1, move: 0 }[current.do]
          owned[current.item] = (owned[current.item] ?? 0) + sign * (current.count ?? 0)
          for (const name of ['herb', 'cap']) expect(countOf(bag, name)).toBe(owned[name])
          expect(bag.slots).toHaveLength(5)
          for (const stack of bag.slots) {
            if (stack === null) continue
            expect(stack.count).toBeGreaterThanOrEqual(1)
            expect(stack.count).toBeLessThanOrEqual(10)
          }
        }
      }),
      { numRuns: 300 },
    )
  })
})

type Call =
  | (ItemStack & { readonly do: 'put' })
  | (ItemStack & { readonly do: 'take'; readonly slot: number | undefined })
  | (Omit<Move, 'count'> & { readonly do: 'move'; readonly count: number | undefined })

/** The bag after a call; `undefined` when that is refused, as it may be. */
function afterCall(bag: Bag, call: Call): Bag | undefined {
  try {
    if (call.do === 'put') return put(bag, call, 10)
    return call.do === 'take' ? take(bag, call, call.slot) : move(bag, call, 10)
  } catch (error) {
    const { code } = HydraError.from(error)
    if (['BAG_FULL', 'ITEM_NOT_OWNED', 'SLOT_TAKEN', 'BAD_REQUEST'].includes(code)) return undefined
    throw error
  }
}
