import { activeSpan, ManualClock, MemoryTracer, systemClock, withSpan, type Timer } from '@hydra/runtime'
import * as fc from 'fast-check'
import { beforeEach, describe, expect, it } from 'vitest'
import { TickLoop } from './tick-loop.ts'

const tickMs = 100

/** A clock that fires a timer as late as a busy event loop does, at the moment in which it is looked at again. */
class LateClock {
  #nowMs = 0
  #next: { readonly dueMs: number; readonly callback: () => void } | undefined

  monotonicMs = (): number => this.#nowMs

  after(delayMs: number, callback: () => void): Timer {
    const timer = { dueMs: this.#nowMs + delayMs, callback }
    this.#next = timer
    return {
      cancel: () => {
        if (this.#next === timer) this.#next = undefined
      },
    }
  }

  /** Time passes while nothing runs; then what is due runs, as long as it takes. */
  pass(byMs: number): void {
    this.#nowMs += byMs
    for (let turns = 0; this.#next !== undefined && this.#next.dueMs <= this.#nowMs; turns++) {
      if (turns > 1_000) throw new Error('the loop never lets others have their turn')
      const { callback } = this.#next
      this.#next = undefined
      callback()
    }
  }

  /** Time that a step takes. */
  spend(ms: number): void {
    this.#nowMs += ms
  }

  get isIdle(): boolean {
    return this.#next === undefined
  }
}

describe('a tick loop', () => {
  let clock: ManualClock
  let steps: number[]
  let skipped: number
  let loop: TickLoop

  beforeEach(() => {
    clock = new ManualClock()
    steps = []
    skipped = 0
    const onSkipped = (count: number) => void (skipped += count)
    loop = new TickLoop({ clock, tickMs, catchUpMax: 3, step: (dueMs) => steps.push(dueMs), onSkipped })
  })

  it('makes each step at its moment, from when it was started', () => {
    clock.advance(250)
    loop.start()
    clock.advance(99)
    expect(steps).toEqual([])
    clock.advance(201)
    expect(steps).toEqual([350, 450, 550])
    expect(skipped).toBe(0)
  })

  it('makes none when it is stopped, and counts anew when it is started again', () => {
    loop.start()
    clock.advance(150)
    loop.stop()
    clock.advance(1_000)
    expect(steps).toEqual([100])
    expect(clock.pendingTimers).toBe(0)
    loop.start()
    loop.start()
    clock.advance(100)
    expect(steps).toEqual([100, 1_250])
    expect(skipped).toBe(0)
  })
})

describe('a tick loop that is late', () => {
  const run = (catchUpMax: number, costMs: (step: number) => number) => {
    const clock = new LateClock()
    const done = { steps: [] as number[], skipped: 0, longest: 0 }
    const loop = new TickLoop({
      clock,
      tickMs,
      catchUpMax,
      step: (dueMs) => {
        done.steps.push(dueMs)
        clock.spend(costMs(done.steps.length))
      },
      onSkipped: (count) => (done.skipped += count),
    })
    loop.start()
    return { clock, loop, done }
  }

  it('catches up a little, skips the rest, and is on time again', () => {
    const { clock, done } = run(3, () => 0)
    clock.pass(1_049)
    expect(done).toMatchObject({ steps: [800, 900, 1_000], skipped: 7 })
    clock.pass(51)
    expect(done).toMatchObject({ steps: [800, 900, 1_000, 1_100], skipped: 7 })
  })

  it('gives up steps, rather than its rate, when they take longer than there is time', () => {
    const { clock, done } = run(3, (step) => (step <= 20 ? 150 : 0))
    clock.pass(100)
    // Twenty steps take three seconds, in which thirty fall due.
    clock.pass(100)
    const elapsed = Math.floor(clock.monotonicMs() / tickMs)
    expect(done.steps.length + done.skipped).toBe(elapsed)
    expect(done.skipped).toBeGreaterThan(0)
    expect(clock.isIdle).toBe(false)
  })

  it('does not go on with what is due when a step stops it', () => {
    const { clock, loop, done } = run(3, () => {
      loop.stop()
      return 0
    })
    clock.pass(500)
    expect(done.steps).toHaveLength(1)
    expect(clock.isIdle).toBe(true)
  })

  it('makes or skips every step that falls due, each once and in order, however time passes', () => {
    const passes = fc.array(fc.integer({ min: 0, max: 2_000 }), { maxLength: 40 })
    const costs = fc.array(fc.integer({ min: 0, max: 95 }), { minLength: 1, maxLength: 7 })
    fc.assert(
      fc.property(passes, costs, fc.integer({ min: 1, max: 5 }), (times, costsMs, catchUpMax) => {
        const { clock, done } = run(catchUpMax, (step) => costsMs[step % costsMs.length] ?? 0)
        for (const byMs of times) {
          clock.pass(byMs)
          expect(done.steps.length + done.skipped).toBe(Math.floor(clock.monotonicMs() / tickMs))
        }
        expect(done.steps).toEqual([...new Set(done.steps)].sort((a, b) => a - b))
        for (const dueMs of done.steps) expect(dueMs % tickMs).toBe(0)
      }),
    )
  })
})

it('steps in the trace of nobody, whoever started it', async () => {
  const spans: unknown[] = []
  const loop: TickLoop = new TickLoop({
    clock: systemClock,
    tickMs: 1,
    catchUpMax: 3,
    step: () => spans.push(activeSpan()),
    onSkipped: () => {},
  })
  withSpan(new MemoryTracer().begin('enter'), () => loop.start())
  await expect.poll(() => spans.length).toBeGreaterThan(2)
  loop.stop()
  expect(new Set(spans)).toEqual(new Set([undefined]))
})
