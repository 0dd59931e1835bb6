import type { ScenePoint } from '@hydra/protocol'
import { describe, expect, it } from 'vitest'
import {
  meadow,
  ofKind,
  oneWolf,
  openScene,
  seeded,
  tablesWith,
  tickMs,
} from '../../test-support/scene-fixture.ts'
import type { MonsterRow, SceneRow } from '../../tables/rows.ts'
import { distanceBetween } from './geometry.ts'

const ada = { rid: 'ada', name: 'Ada', level: 1 }

/** A scene with a wolf at (3000, 3000), unless told otherwise, and a way to let time pass. */
function withWolf(monster: Partial<MonsterRow> = {}, spawn: Partial<SceneRow['spawns'][number]> = {}) {
  const row = meadow({ spawns: [oneWolf([3_000, 3_000], spawn)] })
  const scene = openScene({ row, tables: tablesWith(monster), random: seeded(1) })
  const id = ofKind(scene, 'm')[0]?.i ?? 0
  let nowMs = 0
  return {
    scene,
    id,
    wolf: () => scene.state.get(id),
    player: () => scene.playerOf('ada'),
    at: (): ScenePoint => scene.state.get(id)?.p ?? [0, 0],
    now: () => nowMs,
    /** Steps for so long; answers the hits meanwhile. */
    pass(ms: number) {
      const hits: (readonly number[])[] = []
      for (const endMs = nowMs + ms; nowMs < endMs;) {
        nowMs += tickMs
        for (const { a = [] } of scene.step(nowMs).deltas) hits.push(...a)
      }
      return hits
    },
  }
}

describe('a monster', () => {
  it('comes to a player in its sight, and hits it as often as it may', () => {
    const { scene, id, at, player, pass } = withWolf()
    const { i } = scene.join({ ...ada, at: [3_700, 3_000] }, 0)
    // It looks about within 500 ms, and comes within its reach by 300 cm a second: 7 times 30 cm for 550 cm less some.
    const hits = pass(4_500)
    expect(distanceBetween(at(), [3_700, 3_000])).toBeLessThanOrEqual(150)
    expect(hits.length).toBeGreaterThanOrEqual(2)
    expect(hits.length).toBeLessThanOrEqual(3)
    for (const [from, to, damage] of hits) {
      expect([from, to]).toEqual([id, i])
      expect(damage).toBeGreaterThanOrEqual(8)
      expect(damage).toBeLessThanOrEqual(12)
    }
    expect(player()?.h?.[0]).toBe(100 - hits.reduce((sum, [, , damage = 0]) => sum + damage, 0))
  })

  it('lets those alone who are out of its sight, away, or dead', () => {
    const { scene, at, pass } = withWolf()
    scene.join({ ...ada, at: [3_801, 3_000] }, 0)
    scene.join({ ...ada, rid: 'bob', at: [3_100, 3_000] }, 0)
    scene.away('bob', true)
    expect(pass(3_000)).toEqual([])
    expect(at()).toEqual([3_000, 3_000])
  })

  it('without sight attacks only who attacks it', () => {
    const { scene, id, pass, now } = withWolf({ sight: 0 })
    scene.join({ ...ada, at: [3_100, 3_000] }, 0)
    scene.join({ ...ada, rid: 'bob', at: [3_050, 3_000] }, 0)
    expect(pass(2_000)).toEqual([])
    scene.attack('ada', id, now())
    const hits = pass(2_500).filter(([from]) => from === id)
    expect(hits.length).toBeGreaterThanOrEqual(2)
    expect(new Set(hits.map(([, to]) => to))).toEqual(new Set([scene.playerOf('ada')?.i]))
  })

  it('goes for the nearest, and for the next when that one is gone', () => {
    const { scene, pass } = withWolf()
    const bob = scene.join({ ...ada, rid: 'bob', at: [3_120, 3_000] }, 0)
    const near = scene.join({ ...ada, at: [3_100, 3_000] }, 0)
    expect(pass(1_000).map(([, to]) => to)).toEqual([near.i])
    scene.leave('ada')
    expect(pass(1_500).map(([, to]) => to)).toContain(bob.i)
  })

  it('follows as far as its leash, goes home, and is healthy there', () => {
    const { scene, id, wolf, at, pass, now } = withWolf()
    scene.join({ ...ada, at: [3_200, 3_000] }, 0)
    scene.attack('ada', id, 0)
    expect(wolf()?.h?.[0]).toBeLessThan(30)
    let x = 3_200
    let farthest = 0
    while (x < 4_800) {
      pass(100)
      scene.move('ada', [(x += 30), 3_000], now())
      farthest = Math.max(farthest, distanceBetween(at(), [3_000, 3_000]))
    }
    expect(farthest).toBeGreaterThan(1_200)
    expect(farthest).toBeLessThanOrEqual(1_501)
    expect(at()[0]).toBeLessThan(3_000 + farthest)
    pass(10_000)
    expect([at(), wolf()?.h]).toEqual([
      [3_000, 3_000],
      [30, 30],
    ])
  })

  it('recovers also if who has hit it is not there any more', () => {
    const { scene, id, wolf, pass } = withWolf()
    scene.join({ ...ada, at: [3_200, 3_000] }, 0)
    scene.attack('ada', id, 0)
    scene.leave('ada')
    pass(200)
    expect(wolf()?.h).toEqual([30, 30])
  })

  it('that cannot walk hits who comes near, and never moves', () => {
    const { scene, at, pass } = withWolf({ speed: 0 }, { radius: 500 })
    const [x, y] = at()
    scene.join({ ...ada, at: [x + 150, y] }, 0)
    expect(pass(2_000).length).toBeGreaterThanOrEqual(1)
    expect(at()).toEqual([x, y])
  })

  it('comes within the shortest reach there is', () => {
    const { scene, pass } = withWolf({ reach: 1 })
    scene.join({ ...ada, at: [3_333, 3_211] }, 0)
    expect(pass(5_000).length).toBeGreaterThanOrEqual(2)
  })

  it('kills, and turns to somebody else', () => {
    const { scene, pass, player } = withWolf({ attack: 1_000 })
    scene.join({ ...ada, at: [3_100, 3_000] }, 0)
    const bob = scene.join({ ...ada, rid: 'bob', at: [3_130, 3_000] }, 0)
    expect(pass(600)).toHaveLength(1)
    expect(player()).toMatchObject({ s: 'd', h: [0, 100] })
    expect(pass(1_500).map(([, to]) => to)).toEqual([bob.i])
  })

  it('walks as fast as its table says, in any direction, however slow', () => {
    for (const [speed, to] of [
      [7, [3_300, 3_500]],
      [33, [3_900, 3_010]],
      [300, [3_500, 2_480]],
    ] as const) {
      const { scene, at, pass } = withWolf({ speed, sight: 2_000 })
      scene.join({ ...ada, at: [...to] }, 0)
      pass(500)
      const from = at()
      const ms = 1_000
      pass(ms)
      expect(Math.abs(distanceBetween(from, at()) - (speed * ms) / 1_000)).toBeLessThan(1.5)
      if (speed > 100) continue
      pass(ms * 9)
      expect(Math.abs(distanceBetween(from, at()) - (speed * ms) / 100)).toBeLessThan(1.5)
    }
  })
})

describe('an idle monster', () => {
  it('wanders about its spawn while somebody could see it, at half its speed', () => {
    const { scene, at, pass } = withWolf({ sight: 0 }, { radius: 400 })
    scene.join({ ...ada, at: [2_000, 3_000] }, 0)
    const places = new Set<string>()
    for (let step = 0; step < 600; step++) {
      const from = at()
      pass(100)
      places.add(at().join())
      expect(distanceBetween(from, at())).toBeLessThanOrEqual(15 + Math.SQRT2)
      expect(distanceBetween([3_000, 3_000], at())).toBeLessThanOrEqual(401)
    }
    expect(places.size).toBeGreaterThan(50)
  })

  it('does not go farther from home than its leash', () => {
    const { scene, at, pass } = withWolf({ sight: 0, leash: 60 }, { radius: 400 })
    scene.join({ ...ada, at: [2_000, 3_000] }, 0)
    const home = at()
    for (let step = 0; step < 2_000; step++) {
      pass(100)
      expect(distanceBetween(home, at())).toBeLessThanOrEqual(61)
    }
    expect(at()).not.toEqual(home)
  })
})
