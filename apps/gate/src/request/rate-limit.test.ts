import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { takeToken, type RateVerdict } from './rate-limit.ts'

const limit = { ratePerSecond: 10, rateBurst: 5, rateRefusalsMax: 3 }
const fresh = () => ({ rateTokens: limit.rateBurst, rateAtMs: 0 })

describe('rate limit', () => {
  it('allows a burst, refuses the next, closes who goes on', () => {
    const state = fresh()
    const verdicts: RateVerdict[] = Array.from({ length: 9 }, () => takeToken(state, limit, 0))
    expect(verdicts).toEqual([...Array<string>(5).fill('allowed'), 'refused', 'refused', 'refused', 'closed'])
  })

  it('serves again who slows down', () => {
    const state = fresh()
    for (let i = 0; i < 7; i++) takeToken(state, limit, 0)
    // Two refusals are worked off after 200 ms, the next token is there after 300.
    expect(takeToken({ ...state }, limit, 299)).toBe('refused')
    expect(takeToken(state, limit, 300)).toBe('allowed')
  })

  it('never saves up more than the burst', () => {
    const state = fresh()
    const verdicts = Array.from({ length: 6 }, () => takeToken(state, limit, 1_000_000))
    expect(verdicts.filter((verdict) => verdict === 'allowed')).toHaveLength(5)
  })

  it('never refuses who keeps to the rate', () => {
    const state = fresh()
    for (let i = 0; i < 1_000; i++) expect(takeToken(state, limit, i * 100)).toBe('allowed')
  })

  it('allows at most burst + rate × time, whatever the pattern', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 400 }), { maxLength: 200 }), (gapsMs) => {
        const state = fresh()
        let nowMs = 0
        let allowed = 0
        for (const gapMs of gapsMs) {
          nowMs += gapMs
          if (takeToken(state, limit, nowMs) === 'allowed') allowed++
          expect(allowed).toBeLessThanOrEqual(limit.rateBurst + (nowMs * limit.ratePerSecond) / 1_000 + 1e-6)
        }
      }),
    )
  })
})
