import { describe, expect, it } from 'vitest'
import { sceneSettings } from '../scene-settings.ts'
import { Grid } from '../state/grid.ts'
import { SceneState } from '../state/scene-state.ts'
import { Loot } from './loot.ts'

const pelt = { item: 'pelt', count: 2, at: [100, 100] as const, owner: 'ada' }
const refusal = (code: string) => expect.objectContaining({ code })

function open(lootMax = 500) {
  const grid = new Grid({ width: 1_000, height: 1_000, cellSize: 500 })
  const state = new SceneState({ key: 36, grid })
  const loot = new Loot({ state, settings: { ...sceneSettings, lootMax } })
  const ids = () => [...state.entities()].map(({ i }) => i)
  return { state, loot, ids }
}

describe('loot', () => {
  it('lies there for its owner, later for anybody, and then no more', () => {
    const { state, loot, ids } = open()
    loot.drop(pelt, 1_000)
    expect(state.get(1)).toEqual({ i: 1, k: 'l', p: [100, 100], n: 'pelt', q: 2, o: 'ada' })
    expect(() => loot.claim('bob', [100, 100], 1, 30_999)).toThrow(
      expect.objectContaining({ code: 'LOOT_RESERVED', metadata: { inMs: 1 } }),
    )
    loot.step(30_999)
    expect(state.get(1)?.o).toBe('ada')
    loot.step(31_000)
    expect(state.get(1)).toEqual({ i: 1, k: 'l', p: [100, 100], n: 'pelt', q: 2 })
    loot.step(120_999)
    expect(ids()).toEqual([1])
    loot.step(121_000)
    expect(ids()).toEqual([])
  })

  it('is claimed once, and nobody sees it meanwhile', () => {
    const { loot, ids } = open()
    loot.drop(pelt, 0)
    expect(loot.claim('ada', [100, 350], 1, 0)).toEqual({ lootId: '10-1', item: 'pelt', count: 2 })
    expect(ids()).toEqual([])
    for (const rid of ['ada', 'bob']) {
      expect(() => loot.claim(rid, [100, 100], 1, 60_000)).toThrow(refusal('TARGET_NOT_FOUND'))
    }
    loot.settle(1)
    loot.giveBack(1, 0)
    expect([ids(), loot.counts]).toEqual([[], { ground: 0, claimed: 0 }])
  })

  it('given back, lies there as another entity and the same loot, reserved for who claimed it', () => {
    const { state, loot, ids } = open()
    loot.drop(pelt, 0)
    loot.claim('bob', [100, 100], 1, 40_000)
    loot.giveBack(1, 41_000)
    loot.giveBack(1, 41_000)
    expect(ids()).toEqual([2])
    expect(state.get(2)).toMatchObject({ k: 'l', p: [100, 100], n: 'pelt', q: 2, o: 'bob' })
    expect(() => loot.claim('ada', [100, 100], 2, 70_999)).toThrow(refusal('LOOT_RESERVED'))
    expect(loot.claim('bob', [100, 100], 2, 42_000).lootId).toBe('10-1')
    loot.giveBack(2, 130_000)
    expect(ids()).toEqual([3])
    loot.step(130_100)
    expect(ids()).toEqual([])
  })

  it('is refused from too far, and to those who point at something else', () => {
    const { state, loot } = open()
    loot.drop(pelt, 0)
    const { i } = state.add({ k: 'm', p: [100, 100], n: 'wolf' })
    expect(() => loot.claim('ada', [100, 351], 1, 0)).toThrow(refusal('OUT_OF_REACH'))
    expect(() => loot.claim('ada', [100, 100], i, 0)).toThrow(refusal('TARGET_INVALID'))
    expect(() => loot.claim('ada', [100, 100], 99, 0)).toThrow(refusal('TARGET_NOT_FOUND'))
  })

  it('is bounded: the oldest goes for new, what is claimed stays', () => {
    const { loot, ids } = open(2)
    for (let count = 0; count < 3; count++) loot.drop(pelt, count)
    expect(ids()).toEqual([2, 3])
    loot.claim('ada', [100, 100], 2, 5)
    loot.drop(pelt, 6)
    expect([ids(), loot.counts]).toEqual([[4], { ground: 1, claimed: 1 }])
    loot.claim('ada', [100, 100], 4, 7)
    loot.drop(pelt, 8)
    expect([ids(), loot.counts]).toEqual([[], { ground: 0, claimed: 2 }])
    loot.giveBack(2, 9)
    expect([ids(), loot.counts]).toEqual([[5], { ground: 1, claimed: 1 }])
  })
})
