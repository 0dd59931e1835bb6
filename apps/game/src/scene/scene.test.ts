import { describe, expect, it } from 'vitest'
import { meadow, ofKind, oneWolf, openScene, seeded, tablesWith } from '../test-support/scene-fixture.ts'

const ada = { rid: 'ada', name: 'Ada', level: 1, at: undefined }
const bob = { rid: 'bob', name: 'Bob', level: 2, at: [700, 500] as const }

describe('a scene', () => {
  it('brings roles in where they were, else at the start, with full health', () => {
    const scene = openScene()
    expect(scene.join(ada, 0)).toEqual({
      i: 1,
      k: 'p',
      p: [500, 500],
      n: 'Ada',
      r: 'ada',
      l: 1,
      h: [100, 100],
    })
    expect(scene.join(bob, 0)).toMatchObject({ i: 2, p: [700, 500], h: [150, 150] })
    expect(scene.join({ ...ada, rid: 'eve', at: [10_001, 5] }, 0).p).toEqual([500, 500])
    expect(scene.players).toBe(3)
  })

  it('has who leaves and comes back as it was: no health, no rest and no way is gained by it', () => {
    const scene = openScene({ row: meadow({ spawns: [oneWolf([600, 500])] }), random: () => 0.4 })
    scene.join(ada, 0)
    const wolf = ofKind(scene, 'm')[0]?.i ?? 0
    scene.attack('ada', wolf, 0)
    scene.move('ada', [800, 500], 0)
    for (let atMs = 100; atMs <= 3_000; atMs += 100) scene.step(atMs)
    const hurt = scene.playerOf('ada')?.h
    expect(hurt?.[0]).toBeLessThan(100)
    scene.attack('ada', wolf, 3_000)
    scene.move('ada', [500, 500], 3_000)
    const at = scene.leave('ada')
    expect(scene.join({ ...ada, at }, 3_000)).toMatchObject({ p: [500, 500], h: hurt })
    expect(() => scene.move('ada', [800, 500], 3_000)).toThrow(
      expect.objectContaining({ code: 'MOVE_TOO_FAR' }),
    )
    expect(() => scene.attack('ada', wolf, 3_000)).toThrow(expect.objectContaining({ code: 'TOO_SOON' }))
    scene.leave('ada')
    for (let atMs = 3_100; atMs <= 63_200; atMs += 100) scene.step(atMs)
    expect(scene.join({ ...ada, at }, 63_200)).toMatchObject({ h: [100, 100] })
  })

  it('kills by hits in time and reach, and tells what the kill is worth', () => {
    const scene = openScene({ row: meadow({ spawns: [oneWolf([600, 500])] }), random: () => 0.4 })
    scene.join({ ...ada, level: 3 }, 0)
    const [target] = ofKind(scene, 'm')
    expect(scene.attack('ada', target?.i ?? 0, 0)).toEqual({ damage: 29, left: 1 })
    expect(() => scene.attack('ada', target?.i ?? 0, 100)).toThrow(
      expect.objectContaining({ code: 'TOO_SOON', metadata: { inMs: 700 } }),
    )
    expect(scene.attack('ada', target?.i ?? 0, 800)).toEqual({
      damage: 29,
      left: 0,
      kill: {
        killId: 'zzz-1',
        monster: 'wolf',
        at: [600, 500],
        byRid: 'ada',
        rids: ['ada'],
        nearby: ['ada'],
        exp: 12,
        gold: 5,
      },
    })
    expect(scene.step(900).deltas[0]?.a).toEqual([
      [2, 1, 29],
      [2, 1, 29],
    ])
    expect(ofKind(scene, 'l')).toMatchObject([{ n: 'pelt', q: 2, o: 'ada' }])
  })

  it('refuses what cannot be done, and nothing changes', () => {
    const scene = openScene({ row: meadow({ spawns: [oneWolf([1_000, 500])] }) })
    const wolf = ofKind(scene, 'm')[0]?.i ?? 0
    const all: readonly [code: string, act: () => unknown][] = [
      ['NOT_IN_SCENE', () => scene.move('ada', [500, 500], 0)],
      ['NOT_IN_SCENE', () => scene.attack('ada', wolf, 0)],
      ['NOT_IN_SCENE', () => scene.claim('ada', wolf, 0)],
      ['NOT_IN_SCENE', () => scene.portal('ada', 'cave')],
    ]
    for (const [code, act] of all) expect(act).toThrow(expect.objectContaining({ code }))
    const { i: self } = scene.join(ada, 0)
    const before = [...scene.state.entities()]
    const more: typeof all = [
      ['PLACE_OUTSIDE', () => scene.move('ada', [500, 6_001], 0)],
      ['PLACE_OUTSIDE', () => scene.move('ada', [-1, 500], 0)],
      ['PLACE_OUTSIDE', () => scene.move('ada', [500.5, 500], 0)],
      ['MOVE_TOO_FAR', () => scene.move('ada', [831, 500], 0)],
      ['TARGET_NOT_FOUND', () => scene.attack('ada', 99, 0)],
      ['TARGET_INVALID', () => scene.attack('ada', self, 0)],
      ['OUT_OF_REACH', () => scene.attack('ada', wolf, 0)],
      ['TARGET_NOT_FOUND', () => scene.claim('ada', 99, 0)],
      ['TARGET_INVALID', () => scene.claim('ada', wolf, 0)],
      ['NO_PORTAL', () => scene.portal('ada', 'cave')],
    ]
    for (const [code, act] of more) expect(act).toThrow(expect.objectContaining({ code }))
    expect([...scene.state.entities()]).toEqual(before)
    // Neither a refused step nor a refused attack has cost anything.
    expect(scene.move('ada', [830, 500], 0)).toEqual([830, 500])
    expect(scene.attack('ada', wolf, 0).damage).toBe(10)
    expect(scene.portal('ada', 'cave')).toEqual({ scene: 'cave', x: 50, y: 60 })
  })

  it('names who has hurt a monster and is there, and who is near', () => {
    const scene = openScene({ row: meadow({ playersMax: 10, spawns: [oneWolf([600, 500])] }) })
    const wolf = ofKind(scene, 'm')[0]?.i ?? 0
    const at = { near: [600, 2_500], far: [600, 2_501] } as const
    scene.join(ada, 0)
    scene.join(bob, 0)
    scene.join({ ...ada, rid: 'eve' }, 0)
    scene.join({ ...ada, rid: 'near', at: at.near }, 0)
    scene.join({ ...ada, rid: 'far', at: at.far }, 0)
    scene.attack('ada', wolf, 0)
    scene.attack('eve', wolf, 0)
    scene.leave('eve')
    const { left, kill } = scene.attack('bob', wolf, 0)
    expect(left).toBe(0)
    expect(kill).toMatchObject({ byRid: 'bob', rids: ['ada', 'bob'] })
    expect(new Set(kill?.nearby)).toEqual(new Set(['ada', 'bob', 'near']))
  })

  it('lets loot fall inside, and hands it out once', () => {
    const loot = Array.from({ length: 16 }, () => ({ item: 'pelt', chance: 1, count: { min: 1, max: 1 } }))
    const row = meadow({ spawns: [oneWolf([0, 0])] })
    const scene = openScene({ row, tables: tablesWith({ health: 1, loot }), random: seeded(9) })
    scene.join({ ...ada, at: [100, 100] }, 0)
    scene.attack('ada', ofKind(scene, 'm')[0]?.i ?? 0, 0)
    const lying = ofKind(scene, 'l')
    expect(lying).toHaveLength(16)
    for (const { p } of lying) expect(scene.state.grid.contains(p)).toBe(true)
    const [first, second] = lying.map(({ i }) => i)
    scene.claim('ada', first ?? 0, 0)
    scene.claim('ada', second ?? 0, 0)
    scene.settle(first ?? 0)
    scene.giveBack(second ?? 0)
    expect(ofKind(scene, 'l')).toHaveLength(15)
  })

  it('knows a role by its entity: healed, renamed, away, back, gone', () => {
    const scene = openScene()
    const { i } = scene.join(ada, 0)
    scene.heal('ada', 10)
    expect(scene.playerOf('ada')?.h).toEqual([100, 100])
    scene.changed({ rid: 'ada', name: 'Ada II', level: 2 })
    scene.away('ada', true)
    expect(scene.playerOf('ada')).toMatchObject({ n: 'Ada II', l: 2, h: [150, 150], s: 'a' })
    expect(scene.join({ ...ada, at: [9, 9] }, 0)).toMatchObject({ i, p: [500, 500] })
    scene.move('ada', [510, 500], 0)
    expect([scene.leave('ada'), scene.leave('ada'), scene.playerOf('ada')]).toEqual([
      [510, 500],
      undefined,
      undefined,
    ])
    for (const rid of ['ada', 'nobody']) {
      scene.heal(rid, 1)
      scene.away(rid, true)
      scene.changed({ ...ada, rid })
    }
    expect(scene.step(100).deltas).toEqual([])
  })
})
