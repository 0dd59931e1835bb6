import { HydraError, type SceneEntity } from '@hydra/protocol'
import { describe, expect, it } from 'vitest'
import { Recorder } from '../test-support/recorder.ts'
import { gather } from './gather.ts'
import { hunt } from './hunt.ts'
import { distance } from './walk.ts'

const boar: SceneEntity = { i: 7, k: 'm', n: 'boar', p: [5_600, 5_000], h: [30, 30] }
const loot = (i: number, o?: string): SceneEntity => ({
  i,
  k: 'l',
  n: 'tusk',
  p: [5_200, 5_000],
  q: 1,
  ...(o === undefined ? {} : { o }),
})

describe('a hunt', () => {
  it('comes into reach, and hits until nothing is left', async () => {
    let left = 30
    const me = new Recorder(1, { entities: [boar], answer: () => ({ damage: 10, left: (left -= 10) }) })
    await hunt().run(me)
    expect(distance(me.at, boar.p)).toBeLessThanOrEqual(150)
    expect(me.done.filter((each) => each.startsWith('game.scene.attack'))).toHaveLength(3)
  })

  it('leaves alone what is dead, another kind, or no monster', async () => {
    const entities: SceneEntity[] = [{ ...boar, s: 'd' }, { ...boar, i: 8, n: 'wolf' }, loot(9)]
    const me = new Recorder(1, { entities })
    await hunt({ monster: 'boar' }).run(me)
    expect(me.done).toEqual(['hunt'])
  })

  it.each(['TARGET_NOT_FOUND', 'ROLE_DEAD'] as const)('ends with %s', async (code) => {
    const me = new Recorder(1, { entities: [boar], answer: () => new HydraError(code, 'Refused.') })
    await hunt().run(me)
    expect(me.done).toHaveLength(2)
  })

  it('hits again when it was too soon, not without end', async () => {
    const answer = () => new HydraError('TOO_SOON', 'Refused.')
    const me = new Recorder(1, { entities: [boar], answer })
    await hunt({ hitsMax: 5 }).run(me)
    expect(me.done).toHaveLength(6)
  })
})

it('only what is free, or the own, is gathered', async () => {
  const me = new Recorder(1, { entities: [loot(1), loot(2, 'r1'), loot(3, 'r2')] })
  await gather().run(me)
  expect(me.done.slice(1)).toEqual(['game.scene.pick {"loot":1}', 'game.scene.pick {"loot":2}'])
})
