import { createMetrics, ManualClock, createLogger } from '@hydra/runtime'
import { beforeEach, describe, expect, it } from 'vitest'
import { seeded } from '../../test-support/scene-fixture.ts'
import { sceneTables } from '../../test-support/scene-tables.ts'
import { TestLinks } from '../../test-support/test-links.ts'
import { sceneSettings } from '../scene-settings.ts'
import { createSceneMetrics } from './scene-metrics.ts'
import { Scenes, type SceneEnd } from './scenes.ts'

const settings = {
  tickMs: 100,
  catchUpMax: 3,
  instancesMax: 2,
  emptyMs: 5_000,
  moveAfterMs: 3_000,
  beatTicks: 20,
  joinAttemptsMax: 3,
  joinRetryTicks: 5,
  rules: sceneSettings,
}

describe('the scenes of a server', () => {
  let clock: ManualClock
  let scenes: Scenes
  let isHere: boolean
  let ends: [string, SceneEnd][]
  let lines: Record<string, unknown>[]

  beforeEach(() => {
    clock = new ManualClock()
    isHere = true
    ends = []
    lines = []
    const links = new TestLinks()
    scenes = new Scenes({
      tables: sceneTables,
      clock,
      random: seeded(1),
      log: createLogger({ level: 'info', write: (line) => lines.push(JSON.parse(line)) }),
      settings,
      links,
      tallies: links.tallies,
      metrics: createSceneMetrics(createMetrics({ service: 'test' })),
      isHere: () => isHere,
      onEnd: (hosted, end) => ends.push([hosted.id, end]),
    })
  })

  const ada = { rid: 'ada', name: 'Ada', level: 1, at: undefined }
  const opened = () => {
    const hosted = scenes.open('meadow')
    hosted.scene.join(ada, clock.monotonicMs())
    return hosted
  }

  it('go on while there are any, each instance under a key of its own', () => {
    expect(clock.pendingTimers).toBe(0)
    const first = opened()
    expect(scenes.open('meadow')).toBe(first)
    clock.advance(1_000)
    expect(first.scene.state.tick).toBe(10)
    scenes.end(first, 'failed')
    expect(clock.pendingTimers).toBe(0)
    expect(opened().scene.state.key).not.toBe(first.scene.state.key)
  })

  it('are bounded in number', () => {
    scenes.open('meadow')
    scenes.open('cave-0')
    expect(() => scenes.open('cave-1')).toThrow(expect.objectContaining({ code: 'SERVER_BUSY' }))
  })

  it('end some time after the last player has left', () => {
    const { scene } = opened()
    clock.advance(60_000)
    expect(ends).toEqual([])
    scene.leave('ada')
    clock.advance(4_000)
    scene.join(ada, clock.monotonicMs())
    clock.advance(4_000)
    scene.leave('ada')
    clock.advance(4_900)
    expect(ends).toEqual([])
    clock.advance(1_200)
    expect(ends).toEqual([['meadow', 'empty']])
  })

  it('are given up when another server has been the right one for long enough, not for a moment', () => {
    opened()
    for (let flap = 0; flap < 5; flap++) {
      isHere = !isHere
      clock.advance(2_000)
    }
    isHere = true
    clock.advance(1_000)
    expect(ends).toEqual([])
    isHere = false
    clock.advance(5_000)
    expect(ends).toEqual([['meadow', 'moved']])
  })

  it('do not stop each other when one fails, and one that goes on failing ends', () => {
    const { scene } = opened()
    const other = scenes.open('cave-0')
    other.scene.join({ ...ada, rid: 'bob' }, clock.monotonicMs())
    other.scene.step = () => {
      throw new Error('The test has the rules fail.')
    }
    clock.advance(1_000)
    expect(ends).toEqual([['cave-0', 'failed']])
    expect(scene.state.tick).toBe(10)
    expect(lines.filter(({ msg }) => msg === 'a step of a scene failed')).toHaveLength(10)
  })
})
