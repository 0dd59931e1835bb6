import { HydraError, type SceneEntity } from '@hydra/protocol'
import { describe, expect, it } from 'vitest'
import { Recorder, type Stage } from '../test-support/recorder.ts'
import { villager } from './villager.ts'

const monster = (i: number, x: number): SceneEntity => ({ i, k: 'm', n: 'boar', p: [x, 5_000], h: [30, 30] })
const busy: Stage = {
  entities: [monster(7, 5_100), monster(8, 5_300), monster(9, 4_000)],
  answer: (route) => {
    if (route === 'game.scene.attack') return { damage: 10, left: 0 }
    if (route === 'game.bag.get') return { slots: [{ item: 'pelt', count: 9 }], lastOperation: 0, version: 1 }
    if (route === 'game.daily.get') return { isClaimed: true }
    if (route === 'game.team.get') return { team: null }
    return { team: null }
  },
}
/** The same world on a bad day: nothing in sight, and everything is refused. */
const bleak: Stage = { answer: () => new HydraError('TIMEOUT', 'Nobody answers.') }
const script = villager({ portals: { meadow: [{ at: [6_000, 5_000], to: 'forest' }] } })
const play = (seed: number, stage: Stage) => Recorder.play(script, seed, 200, stage)

describe('the decisions of a bot', () => {
  it('are the same for the same seed, to the last step', async () => {
    const [first, again] = await Promise.all([play(7, busy), play(7, busy)])
    expect(again.done).toEqual(first.done)
    expect(again.steps).toEqual(first.steps)
    expect(new Set(first.rounds.map(([begun]) => begun)).size).toBeGreaterThan(8)
  })

  it('are others for another seed', async () => {
    expect((await play(8, busy)).done).not.toEqual((await play(7, busy)).done)
  })

  it('do not depend, in what each round begins with, on what came of the rounds before', async () => {
    const begun = ({ rounds }: Recorder) => rounds.map(([first]) => first)
    expect(begun(await play(7, bleak))).toEqual(begun(await play(7, busy)))
  })
})
