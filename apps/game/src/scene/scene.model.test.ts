import { HydraError, type SceneEntity, type ScenePoint } from '@hydra/protocol'
import * as fc from 'fast-check'
import { expect, it } from 'vitest'
import { meadow, ofKind, oneWolf, openScene, seeded, tablesWith } from '../test-support/scene-fixture.ts'
import { distanceBetween, isWithin } from './rules/geometry.ts'
import type { Scene } from './scene.ts'
import { sceneSettings } from './scene-settings.ts'

const rids = ['ada', 'bob', 'eve', 'fay'] as const
const rid = fc.constantFrom(...rids)
/** Which of those there are: a share of their number. */
const which = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true })
const place = fc.tuple(fc.integer({ min: -50, max: 2_050 }), fc.integer({ min: -50, max: 1_550 }))

const action = fc.oneof(
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constant('join' as const),
      rid,
      level: fc.integer({ min: 1, max: 4 }),
      at: fc.option(place, { nil: undefined }),
    }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('leave' as const), rid }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('away' as const), rid, isAway: fc.boolean() }) },
  {
    weight: 6,
    arbitrary: fc.record({
      do: fc.constant('move' as const),
      rid,
      by: fc.tuple(fc.integer({ min: -300, max: 300 }), fc.integer({ min: -300, max: 300 })),
    }),
  },
  {
    weight: 8,
    arbitrary: fc.record({
      do: fc.constant('chase' as const),
      rid,
      kind: fc.constantFrom('m' as const, 'l' as const),
    }),
  },
  { weight: 6, arbitrary: fc.record({ do: fc.constant('fight' as const), rid }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('attack' as const), rid, which }) },
  { weight: 5, arbitrary: fc.record({ do: fc.constant('claim' as const), rid, which }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('settle' as const), which }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('giveBack' as const), which }) },
  {
    weight: 1,
    arbitrary: fc.record({ do: fc.constant('heal' as const), rid, health: fc.integer({ min: 1, max: 500 }) }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ do: fc.constant('changed' as const), rid, level: fc.integer({ min: 1, max: 4 }) }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('portal' as const), rid }) },
  {
    weight: 12,
    arbitrary: fc.record({
      do: fc.constant('step' as const),
      afterMs: fc.oneof(fc.constant(100), fc.integer({ min: 0, max: 3_000 })),
    }),
  },
)
/** Long stories; {@link Play} begins with somebody who is there. */
const stories = (maxLength: number) => fc.array(action, { minLength: 20, maxLength, size: 'max' })
type Action = typeof action extends fc.Arbitrary<infer A> ? A : never

const settings = { ...sceneSettings, lootMax: 4, lootMs: 20_000, lootReservedMs: 5_000 }
const wolves = 6
const row = meadow({
  width: 2_000,
  height: 1_500,
  spawns: [
    oneWolf([700, 500], { count: 4, radius: 300, respawnMs: 3_000 }),
    oneWolf([2_000, 1_500], { count: 2, radius: 200, respawnMs: 700 }),
  ],
})
const open = (seed: number) =>
  openScene({
    row,
    tables: tablesWith({
      health: 25,
      leash: 500,
      attack: 30,
      loot: [{ item: 'pelt', chance: 0.8, count: { min: 1, max: 3 } }],
    }),
    random: seeded(seed),
    settings,
  })

const refusals = new Set<string>([
  'NOT_IN_SCENE',
  'SCENE_FULL',
  'MOVE_TOO_FAR',
  'PLACE_OUTSIDE',
  'NO_PORTAL',
  'TARGET_NOT_FOUND',
  'TARGET_INVALID',
  'OUT_OF_REACH',
  'TOO_SOON',
  'ROLE_DEAD',
  'LOOT_RESERVED',
])
/** What only the living and present are refused, or let do. */
const acts = new Set<Action['do']>(['move', 'chase', 'fight', 'attack', 'claim', 'portal'])

/** Plays actions, and checks after each what must hold whatever is done. */
class Play {
  readonly scene: Scene
  readonly deltas: unknown[] = []
  nowMs = 0
  readonly #homes = new Map<number, ScenePoint>()
  readonly #killIds = new Set<string>()
  /** Loot that is claimed: entity to loot id. */
  readonly #claimed = new Map<number, string>()
  readonly #settled = new Set<string>()

  constructor(seed: number) {
    this.scene = open(seed)
    for (const each of rids.slice(0, 3)) {
      this.scene.join({ rid: each, name: each, level: 3, at: [700, 600] }, 0)
    }
  }

  run(actions: readonly Action[]): this {
    for (const each of actions) {
      const before = JSON.stringify([...this.scene.state.entities()])
      const acting = 'rid' in each ? this.scene.playerOf(each.rid) : undefined
      try {
        this.#do(each)
        if (acts.has(each.do)) expect(acting).toBeDefined()
        if (acts.has(each.do)) expect(acting?.s).toBeUndefined()
      } catch (error) {
        if (!(error instanceof HydraError) || !refusals.has(error.code)) throw error
        expect(JSON.stringify([...this.scene.state.entities()])).toBe(before)
        if (error.code === 'MOVE_TOO_FAR') expect(error.metadata).toEqual({ at: acting?.p })
        if (error.code === 'ROLE_DEAD') expect(acting?.s).toBe('d')
      }
      this.#check()
    }
    return this
  }

  #do(each: Action): void {
    const { scene, nowMs } = this
    const pick = <T>(all: readonly T[], share: number) => all[Math.floor(share * all.length)]
    switch (each.do) {
      case 'join':
        scene.join({ ...each, name: each.rid, at: each.at }, nowMs)
        return
      case 'leave': {
        const place = scene.leave(each.rid)
        if (place !== undefined) expect(scene.state.grid.contains(place)).toBe(true)
        expect(scene.playerOf(each.rid)).toBeUndefined()
        return
      }
      case 'away':
        scene.away(each.rid, each.isAway)
        return
      case 'move': {
        const [x, y] = scene.playerOf(each.rid)?.p ?? [0, 0]
        scene.move(each.rid, [x + each.by[0], y + each.by[1]], nowMs)
        return
      }
      case 'fight': {
        const at = scene.playerOf(each.rid)?.p ?? [0, 0]
        this.#attack(each.rid, this.#nearest(at, 'm')[0])
        return
      }
      case 'attack':
        this.#attack(each.rid, pick([...scene.state.entities()], each.which))
        return
      case 'chase': {
        const { p: [x, y] = [0, 0] } = scene.playerOf(each.rid) ?? {}
        const [nearest] = this.#nearest([x, y], each.kind)
        const { p: to } = nearest ?? { p: [x, y] }
        const share = Math.min(1, 200 / Math.max(1, distanceBetween([x, y], to)))
        scene.move(
          each.rid,
          [Math.round(x + (to[0] - x) * share), Math.round(y + (to[1] - y) * share)],
          nowMs,
        )
        return
      }
      case 'claim': {
        const at = scene.playerOf(each.rid)?.p ?? [0, 0]
        const loot = each.which < 0.7 ? this.#nearest(at, 'l')[0] : pick(ofKind(scene, 'l'), each.which)
        const id = loot?.i ?? 1
        const { lootId, item, count } = scene.claim(each.rid, id, nowMs)
        expect([item, count]).toEqual([loot?.n, loot?.q])
        expect(loot?.o === undefined || loot.o === each.rid || nowMs >= settings.lootReservedMs).toBe(true)
        expect(this.#settled.has(lootId)).toBe(false)
        expect([...this.#claimed.values()]).not.toContain(lootId)
        this.#claimed.set(id, lootId)
        expect(() => scene.claim(each.rid, id, nowMs)).toThrow(
          expect.objectContaining({ code: 'TARGET_NOT_FOUND' }),
        )
        return
      }
      case 'settle': {
        const [id = 0, lootId = ''] = pick([...this.#claimed], each.which) ?? []
        scene.settle(id)
        if (this.#claimed.delete(id)) this.#settled.add(lootId)
        return
      }
      case 'giveBack': {
        const [id = 0] = pick([...this.#claimed], each.which) ?? []
        const before = ofKind(scene, 'l').length
        scene.giveBack(id)
        expect(ofKind(scene, 'l')).toHaveLength(before + (this.#claimed.delete(id) ? 1 : 0))
        scene.giveBack(id)
        return
      }
      case 'heal':
        scene.heal(each.rid, each.health)
        return
      case 'changed':
        scene.changed({ ...each, name: each.rid })
        return
      case 'portal':
        expect(scene.portal(each.rid, 'cave')).toEqual({ scene: 'cave', x: 50, y: 60 })
        return
      case 'step':
        this.#step(each.afterMs)
    }
  }

  /** What is alive, or loot, the nearest first. */
  #nearest(at: ScenePoint, kind: 'm' | 'l'): SceneEntity[] {
    const found = ofKind(this.scene, kind).filter(({ s }) => s === undefined)
    return found.sort((a, b) => distanceBetween(at, a.p) - distanceBetween(at, b.p))
  }

  #attack(rid: string, target: SceneEntity | undefined): void {
    const before = target?.h?.[0] ?? 0
    const { damage, left, kill } = this.scene.attack(rid, target?.i ?? 99_999, this.nowMs)
    expect(target).toMatchObject({ k: 'm' })
    expect([damage >= 1, left]).toEqual([true, Math.max(0, before - damage)])
    expect(isWithin(this.scene.playerOf(rid)?.p ?? [0, 0], target?.p ?? [0, 0], settings.reach)).toBe(true)
    expect(kill === undefined).toBe(left > 0)
    if (kill === undefined) return
    const { killId, byRid, rids: all, nearby, gold } = kill
    expect(this.#killIds.has(killId)).toBe(false)
    this.#killIds.add(killId)
    expect(all).toContain(byRid)
    expect(new Set(all).size).toBe(all.length)
    expect(nearby).toContain(byRid)
    expect(gold >= 3 && gold <= 9).toBe(true)
  }

  #step(afterMs: number): void {
    this.nowMs += afterMs
    const { tick, deltas, faults } = this.scene.step(this.nowMs)
    expect(faults).toEqual([])
    expect(tick).toBe(this.scene.state.tick)
    this.deltas.push(...deltas)
  }

  #check(): void {
    const { scene } = this
    const entities = [...scene.state.entities()]
    for (const { i, k, p, h, s } of entities) {
      expect(scene.state.grid.contains(p) && p.every(Number.isInteger)).toBe(true)
      if (h !== undefined) expect(h[0] >= 0 && h[0] <= h[1]).toBe(true)
      if (k !== 'l') expect(s === 'd').toBe(h?.[0] === 0)
      if (k !== 'm') continue
      // Seen for the first time where it appeared, or one step from there: rounding is a centimetre, a step 30.
      const home = this.#homes.get(i) ?? p
      this.#homes.set(i, home)
      expect(distanceBetween(home, p)).toBeLessThanOrEqual(500 + 31)
    }
    const roles = entities.flatMap(({ r }) => r ?? [])
    expect(new Set(roles).size).toBe(roles.length)
    expect(roles.length).toBe(scene.players)
    expect(roles.length).toBeLessThanOrEqual(row.playersMax)
    expect(entities.filter(({ k }) => k === 'm').length).toBeLessThanOrEqual(wolves)
    // Each thing is on the ground or claimed, and together they are bounded.
    const ground = entities.filter(({ k }) => k === 'l')
    expect(ground.length + this.#claimed.size).toBeLessThanOrEqual(settings.lootMax)
    for (const { i } of ground) expect(this.#claimed.has(i)).toBe(false)
  }
}

it('keeps its promises, whatever players do, whenever, and in whatever order', () => {
  fc.assert(
    fc.property(stories(150), fc.nat(), (actions, seed) => {
      new Play(seed).run(actions)
    }),
    { numRuns: 200 },
  )
})

it('does the same again, given the same random numbers', () => {
  fc.assert(
    fc.property(stories(80), fc.nat(), (actions, seed) => {
      expect(new Play(seed).run(actions).deltas).toEqual(new Play(seed).run(actions).deltas)
    }),
    { numRuns: 40 },
  )
})
