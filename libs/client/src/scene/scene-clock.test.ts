import { expect, test } from 'vitest'
import { SceneClock } from './scene-clock.ts'

test('believes the fastest arrival, and comes to it without a jump', () => {
  const clock = new SceneClock({ tickMs: 100 })
  expect(clock.timeAt(0)).toBeUndefined()
  clock.arrived(10, 1_300)
  expect(clock.timeAt(1_300)).toBe(1_000)
  clock.arrived(11, 1_320)
  // 80 ms faster: a tenth of the time that passes is made up.
  expect(clock.timeAt(1_320)).toBe(1_022)
  expect(clock.timeAt(1_420)).toBe(1_132)
  expect(clock.timeAt(3_000)).toBe(2_780)
  // Slower ones change nothing.
  clock.arrived(20, 3_100)
  expect(clock.timeAt(3_200)).toBe(2_980)
})

test('never runs backwards, and forgets what was fast long ago', () => {
  const clock = new SceneClock({ tickMs: 100 })
  clock.arrived(0, 0)
  let last = -Infinity
  for (let tick = 1; tick < 300; tick++) {
    const nowMs = tick * 100 + 80
    clock.arrived(tick, nowMs)
    const time = clock.timeAt(nowMs) ?? 0
    expect(time).toBeGreaterThan(last)
    last = time
  }
  expect(last).toBe(29_900)
})

test('takes over what is off by more than a second', () => {
  const clock = new SceneClock({ tickMs: 100 })
  clock.arrived(10, 1_000)
  // The server has stood still for a minute.
  clock.arrived(11, 61_000)
  expect(clock.timeAt(61_000)).toBe(1_100)
})
