import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Recorder } from '../test-support/recorder.ts'
import { distance, stepMs, towards, walkingSpeed, walkTo } from './walk.ts'

const point = fc.tuple(fc.integer({ min: 0, max: 100_000 }), fc.integer({ min: 0, max: 100_000 }))

describe('a step', () => {
  it('is never longer than asked, in whole centimetres, and leads nearer', () => {
    fc.assert(
      fc.property(point, point, fc.integer({ min: 2, max: 500 }), (from, to, cm) => {
        fc.pre(distance(from, to) > 0)
        const step = towards(from, to, cm)
        expect(step.every(Number.isInteger)).toBe(true)
        expect(distance(from, step)).toBeLessThanOrEqual(cm)
        expect(distance(step, to)).toBeLessThan(distance(from, to))
      }),
    )
  })
})

describe('walking', () => {
  it('arrives, at no more than its speed', async () => {
    const me = new Recorder(1)
    expect(await walkTo(me, [6_000, 5_500])).toBe(true)
    expect(me.at).toEqual([6_000, 5_500])
    const longestCm = (walkingSpeed * stepMs) / 1_000
    const from = [[5_000, 5_000] as const, ...me.steps]
    for (const [index, to] of me.steps.entries())
      expect(distance(from[index] ?? to, to)).toBeLessThanOrEqual(longestCm)
    expect(me.clock.monotonicMs()).toBeGreaterThanOrEqual(
      (distance([5_000, 5_000], me.at) / walkingSpeed) * 1_000,
    )
  })

  it('goes slower when the server says that a step was too far, and arrives all the same', async () => {
    const me: Recorder = new Recorder(1, {
      refuseStep: (to) => (distance(me.at, to) > 30 ? 'MOVE_TOO_FAR' : undefined),
    })
    expect(await walkTo(me, [5_400, 5_000])).toBe(true)
    expect(me.steps.every((to, index) => distance(me.steps[index - 1] ?? [5_000, 5_000], to) <= 30)).toBe(
      true,
    )
  })

  it('ends where a dead role lies, and when the round is to end', async () => {
    expect(await walkTo(new Recorder(1, { refuseStep: () => 'ROLE_DEAD' }), [0, 0])).toBe(false)
    const stopped = new Recorder(1)
    stopped.stop()
    expect(await walkTo(stopped, [0, 0])).toBe(false)
  })
})
