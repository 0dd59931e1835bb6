import type { ScenePoint } from '@hydra/protocol'
import type { MonsterRow, SceneRow } from '../../tables/rows.ts'
import type { SceneSettings } from '../scene-settings.ts'
import type { SceneState } from '../state/scene-state.ts'
import { Body } from './body.ts'
import { between, type Random } from './dice.ts'
import { isWithin, placeAround, placeIn, squareBetween } from './geometry.ts'
import type { Player } from './player.ts'

/** Where monsters of a kind appear. */
export type SpawnRow = SceneRow['spawns'][number]

/** What monsters know of the scene. */
export interface MonsterWorld {
  readonly state: SceneState
  readonly settings: SceneSettings
  readonly random: Random
  /** A step of a monster is as long as this, also when steps are late: nothing jumps after a pause. */
  readonly tickMs: number
  playersNear(point: ScenePoint, radius: number): readonly Player[]
  player(rid: string): Player | undefined
  /** A monster hits a player in its reach. */
  hit(monster: Monster, player: Player, nowMs: number): void
}

type Doing =
  | { readonly what: 'rest'; readonly untilMs: number }
  | { readonly what: 'wander'; readonly to: ScenePoint }
  | { readonly what: 'chase'; readonly target: Player }
  | { readonly what: 'return' }

/**
 * A monster, from its appearance to its death.
 *
 * ```
 *            somebody to attack               none left
 * rest ⇄ wander ───────────────► chase ─────────────────► return
 *   ▲                                                       │
 *   └──────────────── at home: healthy, forgets ────────────┘
 * ```
 *
 * It attacks players in its sight, and whoever hurts it, the nearest first; only those within its leash of its home, where
 * it appeared. It goes from one place inside of that circle to another, so it never leaves it. On its way home it recovers
 * and lets itself not be distracted, so that nobody can pull it to and fro along the edge.
 */
export class Monster {
  readonly row: MonsterRow
  readonly spawn: SpawnRow
  readonly body: Body
  readonly home: ScenePoint
  readonly #world: MonsterWorld
  /** Roles that have hurt it since it was last healthy at home. */
  readonly #hurtBy = new Set<string>()
  /** Where it is exactly: the whole centimetres that are shown would add their rounding up, step by step. */
  #x: number
  #y: number
  #doing: Doing
  #looksAtMs: number
  #readyAtMs = -Infinity
  #recoversAtMs = -Infinity

  constructor(row: MonsterRow, spawn: SpawnRow, world: MonsterWorld, nowMs: number) {
    const { state, random, settings } = world
    this.row = row
    this.spawn = spawn
    this.#world = world
    this.home = placeAround(state.grid, placeIn(state.grid, [spawn.at.x, spawn.at.y]), spawn.radius, random)
    ;[this.#x, this.#y] = this.home
    // Not all look about, or set out, in the same tick.
    this.#looksAtMs = nowMs + random() * settings.lookEveryMs
    this.#doing = this.#resting(nowMs)
    // Last, so that one that cannot be made is not in the scene.
    const { id: n, level: l, health } = row
    this.body = new Body(state, { k: 'm', p: [...this.home], n, l, h: [health, health] })
  }

  /** Whether it has something to do even if nobody is there to see it. */
  get isBusy(): boolean {
    const { what } = this.#doing
    return what === 'chase' || what === 'return' || this.body.health < this.body.healthMax
  }

  /** Roles that have hurt it and are still in the scene. */
  get hurtBy(): readonly string[] {
    return [...this.#hurtBy]
  }

  /** A role has hit it; answers what is left of its health. */
  hurt(rid: string, damage: number): number {
    this.#hurtBy.add(rid)
    this.#looksAtMs = -Infinity
    return this.body.hurt(damage)
  }

  /** A role has left the scene. */
  forget(rid: string): void {
    this.#hurtBy.delete(rid)
  }

  /** Does what there is to do in one tick. */
  act(nowMs: number): void {
    if (nowMs >= this.#looksAtMs && this.#doing.what !== 'return') this.#look(nowMs)
    const doing = this.#doing
    switch (doing.what) {
      case 'rest':
        if (nowMs >= doing.untilMs) this.#doing = this.#setOut(nowMs)
        return
      case 'wander':
        if (this.#approach(doing.to, this.row.speed * this.#world.settings.wanderPace, 0)) {
          this.#doing = this.#resting(nowMs)
        }
        return
      case 'chase':
        if (this.#mayAttack(doing.target)) this.#chase(doing.target, nowMs)
        // Looks for somebody else in the next tick.
        else this.#looksAtMs = -Infinity
        return
      case 'return':
        this.#return(nowMs)
    }
  }

  #look(nowMs: number): void {
    this.#looksAtMs = nowMs + this.#world.settings.lookEveryMs
    const target = this.#nearestTarget()
    if (target !== undefined) {
      this.#doing = { what: 'chase', target }
    } else if (this.isBusy) {
      this.#doing = { what: 'return' }
      this.#recoversAtMs = nowMs + 1_000
    }
  }

  #nearestTarget(): Player | undefined {
    const { sight } = this.row
    const { at } = this.body
    const candidates = new Set(sight > 0 ? this.#world.playersNear(at, sight) : [])
    for (const rid of this.#hurtBy) {
      const player = this.#world.player(rid)
      if (player !== undefined) candidates.add(player)
    }
    // Who is chased has to run farther than out of sight.
    if (this.#doing.what === 'chase') candidates.add(this.#doing.target)
    let nearest: Player | undefined
    let nearestSquare = Infinity
    for (const player of candidates) {
      if (!this.#mayAttack(player)) continue
      const square = squareBetween(at, player.body.at)
      // Of two as near the one that came into the scene first: which of them is found first is no rule.
      if (
        square < nearestSquare ||
        (square === nearestSquare && nearest !== undefined && player.body.id < nearest.body.id)
      ) {
        nearest = player
        nearestSquare = square
      }
    }
    return nearest
  }

  #mayAttack(player: Player): boolean {
    return player.isTarget && isWithin(this.home, player.body.at, this.row.leash)
  }

  #chase(target: Player, nowMs: number): void {
    const { reach, attackEveryMs, speed } = this.row
    if (!isWithin(this.body.at, target.body.at, reach)) {
      // Well inside of its reach: what is shown is rounded, and the target walks on.
      this.#approach(target.body.at, speed, Math.max(0, reach * 0.8 - 1))
    } else if (nowMs >= this.#readyAtMs) {
      this.#readyAtMs = nowMs + attackEveryMs
      this.#world.hit(this, target, nowMs)
    }
  }

  #return(nowMs: number): void {
    const { body } = this
    // One that cannot walk is at home wherever it stands.
    const isHome = this.row.speed === 0 || this.#approach(this.home, this.row.speed, 0)
    if (isHome) {
      body.heal(body.healthMax)
      this.#hurtBy.clear()
      this.#doing = this.#resting(nowMs)
    } else if (nowMs >= this.#recoversAtMs) {
      body.heal(Math.ceil(body.healthMax * this.#world.settings.recoverPerSecond))
      this.#recoversAtMs = nowMs + 1_000
    }
  }

  /** One step towards a place, up to `shortOf` of it; whether it has arrived. */
  #approach([x, y]: ScenePoint, speed: number, shortOf: number): boolean {
    const dx = x - this.#x
    const dy = y - this.#y
    const distance = Math.hypot(dx, dy)
    const left = distance - shortOf
    if (left <= 0) return true
    const step = Math.min(left, (speed * this.#world.tickMs) / 1_000)
    this.#x += (dx / distance) * step
    this.#y += (dy / distance) * step
    this.body.moveTo(placeIn(this.#world.state.grid, [this.#x, this.#y]))
    return step === left
  }

  #resting(nowMs: number): Doing {
    const { random, settings } = this.#world
    return { what: 'rest', untilMs: nowMs + between(settings.restMinMs, settings.restMaxMs, random) }
  }

  /** Wanders to another place about the spawn; rests on if it cannot walk, or would leave its leash. */
  #setOut(nowMs: number): Doing {
    const { state, random } = this.#world
    const { at, radius } = this.spawn
    if (this.row.speed === 0 || radius === 0) return this.#resting(nowMs)
    const to = placeAround(state.grid, placeIn(state.grid, [at.x, at.y]), radius, random)
    return isWithin(this.home, to, this.row.leash) ? { what: 'wander', to } : this.#resting(nowMs)
  }
}
