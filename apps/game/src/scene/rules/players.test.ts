import { describe, expect, it } from 'vitest'
import { tablesWith } from '../../test-support/scene-fixture.ts'
import { sceneSettings } from '../scene-settings.ts'
import { Grid } from '../state/grid.ts'
import { SceneState } from '../state/scene-state.ts'
import { Players } from './players.ts'

const ada = { rid: 'ada', name: 'Ada', level: 1 }
const refusal = (code: string, metadata?: object) =>
  expect.objectContaining({ code, ...(metadata === undefined ? {} : { metadata }) })

function open(max = 10) {
  const grid = new Grid({ width: 5_000, height: 5_000, cellSize: 1_000 })
  const state = new SceneState({ key: 1, grid })
  const { levels } = tablesWith()
  const players = new Players({ state, settings: sceneSettings, levels, start: [500, 500], max })
  const player = players.join(ada, [2_000, 2_000], 0)
  return { players, player, look: () => state.get(player.body.id) }
}

describe('the players of a scene', () => {
  it('are bounded, and each is in once', () => {
    const { players, player } = open(1)
    expect(players.join(ada, [1, 1], 0)).toBe(player)
    expect(() => players.join({ ...ada, rid: 'bob' }, [1, 1], 0)).toThrow(
      refusal('SCENE_FULL', { playersMax: 1 }),
    )
    expect(players.leave('ada')).toEqual([2_000, 2_000])
    expect(players.leave('ada')).toBeUndefined()
    expect(() => players.acting('ada')).toThrow(refusal('NOT_IN_SCENE'))
    expect(players.join({ ...ada, rid: 'bob' }, [1, 1], 0)).not.toBe(player)
    expect(player.isTarget).toBe(false)
  })

  it('could see the cells around theirs', () => {
    const { players } = open()
    players.join({ ...ada, rid: 'bob' }, [2_900, 2_900], 0)
    players.join({ ...ada, rid: 'eve' }, [0, 0], 0)
    expect([...players.cellsInView()].sort((a, b) => a - b)).toEqual([
      0, 1, 5, 6, 7, 8, 11, 12, 13, 16, 17, 18,
    ])
  })

  it('are found by place', () => {
    const { players } = open()
    expect(players.near([2_000, 2_100], 100).map(({ rid }) => rid)).toEqual(['ada'])
    expect(players.near([2_000, 2_101], 100)).toEqual([])
  })
})

describe('a player', () => {
  it('that steps too far stays, and is told where', () => {
    const { player, look } = open()
    player.move([2_330, 2_000], 0)
    expect(() => player.move([2_400, 2_000], 100)).toThrow(refusal('MOVE_TOO_FAR', { at: [2_330, 2_000] }))
    expect(look()?.p).toEqual([2_330, 2_000])
    player.move([2_380, 2_000], 100)
    expect(look()?.p).toEqual([2_380, 2_000])
  })

  it('dies, and comes back at the start, whole', () => {
    const { players, player, look } = open()
    player.hurt(99, 0)
    expect(look()).toMatchObject({ h: [1, 100] })
    player.hurt(500, 1_000)
    expect(look()).toMatchObject({ s: 'd', h: [0, 100], p: [2_000, 2_000] })
    expect(() => players.acting('ada')).toThrow(refusal('ROLE_DEAD'))
    player.heal(50)
    players.step(5_999)
    expect([look()?.h, player.isTarget]).toEqual([[0, 100], false])
    players.step(6_000)
    expect(look()).toEqual({ i: 1, k: 'p', p: [500, 500], n: 'Ada', r: 'ada', l: 1, h: [100, 100] })
    expect(players.acting('ada')).toBe(player)
  })

  it('that leaves dead comes again at the start', () => {
    const { players, player } = open()
    player.hurt(500, 0)
    expect(players.leave('ada')).toEqual([500, 500])
  })

  it('recovers by and by when nothing has hit it for a while', () => {
    const { players, player, look } = open()
    player.hurt(5, 0)
    const health = (atMs: number) => {
      players.step(atMs)
      return look()?.h?.[0]
    }
    expect([4_999, 5_000, 5_900, 6_000].map(health)).toEqual([95, 97, 97, 99])
    player.hurt(5, 6_500)
    expect([7_000, 11_499, 11_500, 12_500, 13_500, 14_500].map(health)).toEqual([94, 94, 96, 98, 100, 100])
  })

  it('away is shown so, does nothing, and is no target; joining brings it back', () => {
    const { players, player, look } = open()
    player.setAway(true)
    expect([look()?.s, player.isTarget]).toEqual(['a', false])
    expect(() => players.acting('ada')).toThrow(refusal('NOT_IN_SCENE'))
    players.join(ada, [1, 1], 0)
    expect([look()?.s, look()?.p, player.isTarget]).toEqual([undefined, [2_000, 2_000], true])
    player.hurt(500, 0)
    player.setAway(true)
    expect(look()?.s).toBe('d')
    players.step(5_000)
    expect(look()?.s).toBe('a')
    player.setAway(false)
    expect(look()).not.toHaveProperty('s')
  })

  it('of another level has its health, all of it; another name changes nothing else', () => {
    const { player, look } = open()
    player.hurt(30, 0)
    player.change({ name: 'Ada II', level: 1 })
    expect(look()).toMatchObject({ n: 'Ada II', h: [70, 100] })
    player.change({ name: 'Ada II', level: 2 })
    expect(look()).toMatchObject({ l: 2, h: [150, 150] })
    expect(player.attack).toBe(20)
    player.change({ name: 'Ada II', level: 77 })
    expect(look()).toMatchObject({ l: 77, h: [200, 200] })
    player.hurt(500, 0)
    player.change({ name: 'Ada II', level: 2 })
    expect(look()).toMatchObject({ l: 2, h: [0, 150], s: 'd' })
  })

  it('attacks when it is ready, not before', () => {
    const { player } = open()
    player.beginAttack(0)
    expect(() => player.beginAttack(799)).toThrow(refusal('TOO_SOON', { inMs: 1 }))
    player.beginAttack(800)
  })
})
