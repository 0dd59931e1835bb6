import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { sharesOf } from './share-kill.ts'

const kill = { byRid: 'a', nearby: ['a', 'b', 'c', 'x'], exp: 30, gold: 7 }

describe('a kill', () => {
  it('is all of one who is alone, whoever stands around', () => {
    expect(sharesOf(kill, [])).toEqual([{ rid: 'a', exp: 30, gold: 7 }])
    expect(sharesOf(kill, ['a', 'elsewhere'])).toEqual([{ rid: 'a', exp: 30, gold: 7 }])
  })

  it('is shared by those of a team who are near, and worth more to them together', () => {
    expect(sharesOf(kill, ['a', 'b', 'c', 'elsewhere'])).toEqual([
      { rid: 'a', exp: 12, gold: 7 },
      { rid: 'b', exp: 12, gold: 0 },
      { rid: 'c', exp: 12, gold: 0 },
    ])
  })

  it('is the killer’s also when it has died or left by then', () => {
    expect(sharesOf({ ...kill, nearby: ['b'] }, ['a', 'b'])).toEqual([
      { rid: 'a', exp: 17, gold: 7 },
      { rid: 'b', exp: 17, gold: 0 },
    ])
  })

  it('gives each the same whole number of experience, less than one above the part', () => {
    const rids = fc.uniqueArray(fc.constantFrom('b', 'c', 'd', 'e', 'f'))
    fc.assert(
      fc.property(fc.nat(1_000_000), rids, rids, (exp, team, nearby) => {
        const shares = sharesOf({ byRid: 'a', nearby, exp, gold: 1 }, team)
        const n = shares.length
        const part = (exp * (10 + n - 1)) / 10 / n
        for (const share of shares) {
          expect(Number.isInteger(share.exp)).toBe(true)
          expect(share.exp).toBeGreaterThanOrEqual(part - 1e-6)
          expect(share.exp).toBeLessThan(part + 1)
        }
        expect(shares.reduce((sum, { gold }) => sum + gold, 0)).toBe(1)
      }),
    )
  })
})
