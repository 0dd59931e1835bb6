import { HydraError } from '@hydra/protocol'
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { newRole, startingGold, type RoleState } from '../role/role.ts'
import * as rules from './wallet.ts'
import { holdsMax, overdueHolds, walletOf, withHold } from './wallet.ts'

const ada = newRole({ rid: 'r1', uid: 'u1', name: 'Ada' }, 1_000)
const payment = (holdId: string, amount = 100) => ({ holdId, amount, purpose: 'alliance' as const })
const held = (role: RoleState, holdId: string, amount?: number) =>
  withHold(role, payment(holdId, amount), 5_000)
const withSettled = (role: RoleState, holdId: string) => rules.withSettled(role, holdId, 7_000)
const withReleased = (role: RoleState, holdId: string) => rules.withReleased(role, holdId, 7_000)

describe('a wallet', () => {
  it('starts with a purse and nothing set aside', () => {
    expect(walletOf(ada)).toEqual({ gold: startingGold, held: 0, gems: 0, version: 0 })
  })

  it('sets gold aside, and takes it', () => {
    const role = held(ada, 'h1', 300)
    expect(walletOf(role)).toEqual({ gold: startingGold - 300, held: 300, gems: 0, version: 0 })
    expect(role.wallet.holds).toEqual({ h1: { amount: 300, purpose: 'alliance', atMs: 5_000 } })
    expect(walletOf(withSettled(role, 'h1'))).toEqual({
      gold: startingGold - 300,
      held: 0,
      gems: 0,
      version: 0,
    })
    expect(ada.wallet.holds).toEqual({})
  })

  it('sets gold aside, and gives it back', () => {
    expect(walletOf(withReleased(held(ada, 'h1', 300), 'h1'))).toEqual(walletOf(ada))
  })

  it('is the same value when something is repeated', () => {
    const role = held(ada, 'h1')
    expect(held(role, 'h1')).toBe(role)
    for (const end of [withSettled, withReleased]) {
      const ended = end(role, 'h1')
      expect(withSettled(ended, 'h1')).toBe(ended)
      expect(withReleased(ended, 'h1')).toBe(ended)
    }
    expect(withSettled(ada, 'unknown')).toBe(ada)
  })

  it('says what is there and what was asked when there is too little', () => {
    const role = held(ada, 'h1', 800)
    expect(() => held(role, 'h2', 201)).toThrow(
      expect.objectContaining({ code: 'FUNDS_TOO_LOW', metadata: { gold: 200, amount: 201 } }),
    )
    expect(walletOf(held(role, 'h2', 200))).toMatchObject({ gold: 0, held: 1_000 })
  })

  it('has a bounded number of payments under way', () => {
    const ids = Array.from({ length: holdsMax }, (_, index) => `h${index}`)
    const full = ids.reduce((role, id) => held(role, id, 1), ada)
    expect(() => held(full, 'more', 1)).toThrow(expect.objectContaining({ code: 'HOLD_LIMIT_REACHED' }))
    expect(held(full, 'h0', 1)).toBe(full)
    expect(held(withReleased(full, 'h0'), 'more', 1).wallet.holds).toHaveProperty('more')
  })

  it('refuses a hold that arrives after its end, also when nothing was set aside before', () => {
    const ended = [
      withReleased(held(ada, 'h1'), 'h1'),
      withSettled(held(ada, 'h1'), 'h1'),
      withReleased(ada, 'h1'),
    ]
    for (const role of ended)
      expect(() => held(role, 'h1')).toThrow(expect.objectContaining({ code: 'BAD_REQUEST' }))
  })

  it('names the payments that are under way for long', () => {
    const role = withHold(held(ada, 'h1'), payment('h2'), 6_000)
    expect(overdueHolds(role, 'alliance', 5_000)).toEqual([])
    expect(overdueHolds(role, 'alliance', 5_001)).toEqual(['h1'])
    expect(overdueHolds(role, 'alliance', 7_000)).toEqual(['h1', 'h2'])
  })

  it('neither makes nor loses gold, whatever is asked, in whatever order, and however often', () => {
    const call = fc.record({
      do: fc.constantFrom('hold' as const, 'settle' as const, 'release' as const),
      holdId: fc.constantFrom(...Array.from({ length: 14 }, (_, index) => `h${index}`)),
      amount: fc.integer({ min: 1, max: 400 }),
    })
    fc.assert(
      fc.property(fc.array(call, { maxLength: 120 }), (calls) => {
        let role = ada
        let spent = 0
        const ended = new Set<string>()
        for (const { do: what, holdId, amount } of calls) {
          const before = role
          if (what === 'hold') role = heldOrRefused(role, holdId, amount)
          else if (what === 'settle') role = withSettled(role, holdId)
          else role = withReleased(role, holdId)
          if (what === 'settle') spent += before.wallet.holds[holdId]?.amount ?? 0
          if (what === 'release' || (what === 'settle' && role !== before)) ended.add(holdId)

          const { gold, held: setAside } = walletOf(role)
          expect(gold + setAside + spent).toBe(startingGold)
          expect(gold).toBeGreaterThanOrEqual(0)
          expect(setAside).toBeGreaterThanOrEqual(0)
          const holdIds = Object.keys(role.wallet.holds)
          expect(holdIds.length).toBeLessThanOrEqual(holdsMax)
          expect(holdIds.filter((id) => ended.has(id))).toEqual([])
        }
      }),
      { numRuns: 500 },
    )
  })

  it('remembers a bounded number of ends', () => {
    const ids = Array.from({ length: 100 }, (_, index) => `h${index}`)
    const { endedHolds } = ids.reduce(withReleased, ada).wallet
    expect(endedHolds).toEqual(ids.slice(-16))
  })
})

function heldOrRefused(role: RoleState, holdId: string, amount: number): RoleState {
  try {
    return held(role, holdId, amount)
  } catch (error) {
    const { code } = HydraError.from(error)
    if (code === 'FUNDS_TOO_LOW' || code === 'HOLD_LIMIT_REACHED' || code === 'BAD_REQUEST') return role
    throw error
  }
}
