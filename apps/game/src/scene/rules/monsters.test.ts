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
import type { Scene } from '../scene.ts'

const ada = { rid: 'ada', name: 'Ada', level: 3 }
const refusal = (code: string) => expect.objectContaining({ code })

function pass(scene: Scene, fromMs: number, toMs: number) {
  const deltas = []
  for (let nowMs = fromMs + tickMs; nowMs <= toMs; nowMs += tickMs) deltas.push(...scene.step(nowMs).deltas)
  return deltas
}

describe('the monsters of a scene', () => {
  it('are as many as the spawns say, about their places', () => {
    const spawns = [
      oneWolf([3_000, 3_000], { count: 20, radius: 500 }),
      oneWolf([10_000, 0], { count: 5, radius: 900 }),
    ]
    const scene = openScene({ row: meadow({ spawns }), random: seeded(3) })
    const monsters = ofKind(scene, 'm')
    expect(monsters).toHaveLength(25)
    for (const { p } of monsters) expect(scene.state.grid.contains(p)).toBe(true)
    expect(new Set(monsters.map(({ p }) => p.join())).size).toBeGreaterThan(20)
  })

  it('that nobody could see sleep, and wake when somebody comes', () => {
    const spawns = [oneWolf([3_500, 3_500], { count: 10, radius: 400 })]
    const scene = openScene({ row: meadow({ spawns }), tables: tablesWith({ sight: 0 }), random: seeded(3) })
    pass(scene, 0, 100)
    scene.join({ ...ada, at: [500, 500] }, 100)
    pass(scene, 100, 200)
    expect(pass(scene, 200, 60_000)).toEqual([])
    scene.join({ ...ada, rid: 'bob', at: [2_500, 2_500] }, 60_000)
    const moved = pass(scene, 60_000, 75_000).flatMap(({ u = [] }) => u.map(({ i }) => i))
    expect(new Set(moved).size).toBe(10)
  })

  it('go home and recover although nobody sees them any more', () => {
    const scene = openScene({ row: meadow({ spawns: [oneWolf([3_500, 3_500])] }) })
    scene.join({ ...ada, level: 1, at: [3_700, 3_500] }, 0)
    const id = ofKind(scene, 'm')[0]?.i ?? 0
    scene.attack('ada', id, 0)
    pass(scene, 0, 1_000)
    scene.leave('ada')
    pass(scene, 1_000, 3_000)
    expect(scene.state.get(id)).toMatchObject({ p: [3_500, 3_500], h: [30, 30] })
    expect(pass(scene, 3_000, 20_000)).toEqual([])
  })

  it('lie about dead, go, and come again as others', () => {
    const scene = openScene({
      row: meadow({ spawns: [oneWolf([600, 500])] }),
      tables: tablesWith({ health: 1 }),
    })
    const { i } = scene.join({ ...ada, at: undefined }, 0)
    const [{ i: id } = { i: 0 }] = ofKind(scene, 'm')
    scene.attack('ada', id, 0)
    expect(scene.state.get(id)).toMatchObject({ s: 'd', h: [0, 1] })
    expect(() => scene.attack('ada', id, 900)).toThrow(refusal('TARGET_INVALID'))
    expect(() => scene.attack('ada', i, 900)).toThrow(refusal('TARGET_INVALID'))
    pass(scene, 900, 1_900)
    expect(scene.state.get(id)?.p).toEqual([600, 500])
    pass(scene, 1_900, 2_000)
    expect(ofKind(scene, 'm')).toEqual([])
    expect(() => scene.attack('ada', id, 2_000)).toThrow(refusal('TARGET_NOT_FOUND'))
    pass(scene, 2_000, 9_900)
    expect(ofKind(scene, 'm')).toEqual([])
    pass(scene, 9_900, 10_000)
    expect(ofKind(scene, 'm')).toMatchObject([{ p: [600, 500], h: [1, 1] }])
    expect(ofKind(scene, 'm')[0]?.i).toBeGreaterThan(id)
  })

  it('that come again sooner than a corpse goes do so in its place', () => {
    const spawns = [oneWolf([600, 500], { respawnMs: 500 })]
    const scene = openScene({ row: meadow({ spawns }), tables: tablesWith({ health: 1 }) })
    scene.join({ ...ada, at: undefined }, 0)
    scene.attack('ada', ofKind(scene, 'm')[0]?.i ?? 0, 0)
    for (let nowMs = 100; nowMs <= 1_000; nowMs += 100) {
      scene.step(nowMs)
      expect(ofKind(scene, 'm')).toHaveLength(1)
    }
    expect(ofKind(scene, 'm')[0]?.s).toBeUndefined()
  })

  it('that fail are taken out and told; the others go on, and another comes', () => {
    const numbers = seeded(3)
    let fails = false
    const random = () => {
      if (fails) throw new Error('no numbers')
      return numbers()
    }
    const spawns = [oneWolf([700, 500], { count: 2, respawnMs: 1_000 })]
    const scene = openScene({ row: meadow({ spawns }), random })
    scene.join({ ...ada, at: undefined }, 0)
    pass(scene, 0, 500)
    fails = true
    // Both attack, which takes a random number, and so does coming again.
    const stepped = (fromMs: number) =>
      Array.from({ length: 10 }, (_, index) => scene.step(fromMs + index * tickMs).faults).flat()
    expect(stepped(600)).toMatchObject([
      { monster: 'wolf', error: { message: 'no numbers' } },
      { monster: 'wolf', error: { message: 'no numbers' } },
    ])
    expect(ofKind(scene, 'm')).toEqual([])
    expect(stepped(1_600)).toHaveLength(2)
    fails = false
    pass(scene, 2_500, 4_000)
    expect(ofKind(scene, 'm')).toHaveLength(2)
  })

  it('of a kind that the tables do not have are refused at once', () => {
    const row = meadow({ spawns: [oneWolf([1, 1], { monster: 'dragon' })] })
    expect(() => openScene({ row })).toThrow(refusal('INTERNAL'))
  })
})
