import { describe, expect, it } from 'vitest'
import { Recorder } from '../test-support/recorder.ts'
import { behaviour } from './behaviour.ts'
import { inTurn, oneOf, rest, times } from './compose.ts'

const named = (name: string) => behaviour(name, async () => {})

describe('one of several', () => {
  it('is chosen as often as its weight says', async () => {
    const script = oneOf([
      [3, named('often')],
      [1, named('seldom')],
      [0, named('never')],
    ])
    const { done } = await Recorder.play(script, 1, 4_000)
    const count = (name: string) => done.filter((each) => each === name).length
    expect(count('often') + count('seldom')).toBe(4_000)
    expect(count('often') / 4_000).toBeCloseTo(0.75, 1)
  })

  it('needs a weight', () => {
    expect(() => oneOf([[0, named('never')]])).toThrow(RangeError)
  })
})

it('several in turn end where the round is to end', async () => {
  const me = new Recorder(1)
  const end = behaviour('end', async () => me.stop())
  await inTurn(times(2, named('a')), end, named('b')).run(me)
  expect(me.done).toEqual(['a', 'a', 'end'])
})

it('a rest takes a time between its bounds', async () => {
  const me = new Recorder(1)
  await rest(100, 200).run(me)
  expect(me.clock.monotonicMs()).toBeGreaterThanOrEqual(100)
  expect(me.clock.monotonicMs()).toBeLessThanOrEqual(200)
})
