import type { ScenePoint } from '@hydra/protocol'
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { sceneSettings } from '../scene-settings.ts'
import { distanceBetween } from './geometry.ts'
import { MoveBudget } from './move-budget.ts'

const { speed, speedTolerance, moveBurstMs } = sceneSettings
const cmPerMs = (speed * speedTolerance) / 1_000
const burstCm = cmPerMs * moveBurstMs

describe('a budget of distance', () => {
  it('begins full, fills with time, and never beyond full', () => {
    const budget = new MoveBudget(sceneSettings, 0)
    expect(budget.spend(330, 0)).toBe(true)
    expect(budget.spend(1, 0)).toBe(false)
    expect(budget.spend(55, 100)).toBe(true)
    expect(budget.spend(331, 3_600_000)).toBe(false)
    expect(budget.spend(330, 3_600_000)).toBe(true)
  })

  it('is not changed by what it refuses', () => {
    const budget = new MoveBudget(sceneSettings, 0)
    budget.spend(330, 0)
    for (let atMs = 0; atMs <= 100; atMs++) expect(budget.spend(56, atMs)).toBe(false)
    expect(budget.spend(55, 100)).toBe(true)
  })

  it('takes no time for having passed twice, when calls come with earlier times', () => {
    const budget = new MoveBudget(sceneSettings, 1_000)
    expect(budget.spend(330, 1_000)).toBe(true)
    for (const atMs of [0, 1_000, 500, 1_000]) expect(budget.spend(1, atMs)).toBe(false)
  })

  it('lets nobody be faster, whatever steps are tried at whatever times', () => {
    const step = fc.record({
      afterMs: fc.oneof(fc.constant(0), fc.double({ min: 0, max: 2_000, noNaN: true })),
      cm: fc.oneof(fc.integer({ min: 0, max: 400 }), fc.double({ min: 0, max: 60, noNaN: true })),
    })
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60, size: 'max' }), (steps) => {
        const budget = new MoveBudget(sceneSettings, 0)
        const passed: { atMs: number; sumCm: number }[] = []
        let atMs = 0
        let sumCm = 0
        for (const { afterMs, cm } of steps) {
          atMs += afterMs
          if (!budget.spend(cm, atMs)) continue
          // Over every window that ends here; `sumCm` is what was covered before the window's first step.
          passed.push({ atMs, sumCm })
          sumCm += cm
          for (const first of passed) {
            expect(sumCm - first.sumCm).toBeLessThanOrEqual(cmPerMs * (atMs - first.atMs) + burstCm + 0.001)
          }
        }
      }),
      { numRuns: 500 },
    )
  })

  it('refuses nothing to an honest client whose packets are late by up to 300 ms, in order', () => {
    const step = fc.record({
      afterMs: fc.integer({ min: 50, max: 250 }),
      /** Most clients stand, walk on, or turn. */
      turn: fc.oneof(fc.constant(0), fc.double({ min: -Math.PI, max: Math.PI, noNaN: true })),
      standsMs: fc.oneof({ weight: 5, arbitrary: fc.constant(0) }, fc.integer({ min: 0, max: 3_000 })),
      lateMs: fc.oneof(fc.constantFrom(0, 300), fc.integer({ min: 0, max: 300 })),
    })
    fc.assert(
      fc.property(fc.array(step, { minLength: 1, maxLength: 200, size: 'max' }), (steps) => {
        const budget = new MoveBudget(sceneSettings, 0)
        let sentMs = 0
        let arrivedMs = 0
        let angle = 0
        const exact = { x: 100_000, y: 100_000 }
        let at: ScenePoint = [exact.x, exact.y]
        for (const { afterMs, turn, standsMs, lateMs } of steps) {
          sentMs += afterMs + standsMs
          arrivedMs = Math.max(arrivedMs, sentMs + lateMs)
          angle += turn
          exact.x += (Math.cos(angle) * speed * afterMs) / 1_000
          exact.y += (Math.sin(angle) * speed * afterMs) / 1_000
          const to: ScenePoint = [Math.round(exact.x), Math.round(exact.y)]
          expect(budget.spend(distanceBetween(at, to), arrivedMs)).toBe(true)
          at = to
        }
      }),
      { numRuns: 500 },
    )
  })
})
