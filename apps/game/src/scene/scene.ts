import { HydraError, type SceneDelta, type SceneEntity, type ScenePoint } from '@hydra/protocol'
import type { SceneRow } from '../tables/rows.ts'
import type { Tables } from '../tables/tables.ts'
import { between, damageOf, type Random } from './rules/dice.ts'
import { isWithin, placeAround, placeIn } from './rules/geometry.ts'
import { lootOf, type Kill } from './rules/kill.ts'
import { Loot, type Claimed } from './rules/loot.ts'
import type { Monster, MonsterWorld } from './rules/monster.ts'
import { Monsters, type SceneFault } from './rules/monsters.ts'
import type { Newcomer, Player } from './rules/player.ts'
import { Players } from './rules/players.ts'
import { throughPortal, type Arrival } from './rules/portals.ts'
import { sceneSettings, type SceneSettings } from './scene-settings.ts'
import { Grid } from './state/grid.ts'
import { SceneState } from './state/scene-state.ts'

/** What a scene is made with. Times are monotonic milliseconds. */
export interface SceneOptions {
  readonly row: SceneRow
  readonly tables: Tables
  /** Random and 48 bits wide: no other instance of a scene has it. */
  readonly key: number
  readonly random: Random
  readonly tickMs: number
  readonly nowMs: number
  /** Left out: {@link sceneSettings}. */
  readonly settings?: SceneSettings
}

/** What one step brought. */
export interface SceneStep {
  readonly tick: number
  readonly deltas: readonly SceneDelta[]
  /** Monsters that failed in this step, for the log; none as long as the rules are sound. */
  readonly faults: readonly SceneFault[]
}

/**
 * The rules of one instance of a scene. Synchronous, without I/O or a clock of its own: the same calls with the same times
 * and random numbers bring the same deltas. What a call refuses changes nothing.
 *
 * A role whose player is away may do nothing (`NOT_IN_SCENE`) until it joins again, which needs no leave before.
 *
 * @example
 * const scene = new Scene({ row, tables, key, random: Math.random, tickMs: 100, nowMs: clock.monotonicMs() })
 * scene.join({ rid: 'r1', name: 'Ada', level: 1, at: undefined }, nowMs)
 * scene.move('r1', [520, 500], nowMs)
 * const { deltas } = scene.step(nowMs)
 */
export class Scene {
  readonly row: SceneRow
  readonly state: SceneState
  readonly #settings: SceneSettings
  readonly #random: Random
  readonly #start: ScenePoint
  readonly #players: Players
  readonly #monsters: Monsters
  readonly #loot: Loot
  /** The latest time that was passed in. */
  #nowMs: number

  constructor({ row, tables, key, random, tickMs, nowMs, settings = sceneSettings }: SceneOptions) {
    const state = new SceneState({ key, grid: new Grid(row) })
    this.row = row
    this.state = state
    this.#settings = settings
    this.#random = random
    this.#nowMs = nowMs
    this.#start = placeIn(row, [row.start.x, row.start.y])
    this.#players = new Players({
      state,
      settings,
      levels: tables.levels,
      start: this.#start,
      max: row.playersMax,
    })
    this.#loot = new Loot({ state, settings })
    const players = this.#players
    const world: MonsterWorld = {
      state,
      settings,
      random,
      tickMs,
      playersNear: (point, radius) => players.near(point, radius),
      player: (rid) => players.find(rid),
      hit: (monster, player, atMs) => this.#hitPlayer(monster, player, atMs),
    }
    this.#monsters = new Monsters(
      { world, rows: tables.monsters, spawns: row.spawns, cellsInView: () => players.cellsInView() },
      nowMs,
    )
  }

  /** How many players are in it, those who are away included. */
  get players(): number {
    return this.#players.size
  }

  /**
   * Brings a role in at a place; without one, or with one outside, at the start. It has full health, unless it left less than a
   * minute ago: then it is as it was, and as tired. Who is in already stays
   * as it is, and is not away any more.
   *
   * @throws HydraError `SCENE_FULL`.
   */
  join(newcomer: Newcomer & { readonly at: ScenePoint | undefined }, nowMs: number): SceneEntity {
    this.#nowMs = nowMs
    const { at } = newcomer
    const place = at !== undefined && this.#isPlace(at) ? at : this.#start
    return this.#players.join(newcomer, place, nowMs).body.entity
  }

  /** Takes a role out; answers where it would come again: the start, if it was dead. `undefined` if it was not in. */
  leave(rid: string): ScenePoint | undefined {
    this.#monsters.forget(rid)
    return this.#players.leave(rid)
  }

  /** The connection of a role's player is lost, or back. Nothing happens if the role is not in. */
  away(rid: string, isAway: boolean): void {
    this.#players.find(rid)?.setAway(isAway)
  }

  /** The entity of a role as it is now. */
  playerOf(rid: string): SceneEntity | undefined {
    return this.#players.find(rid)?.body.entity
  }

  /** Steps to a place. @throws HydraError `NOT_IN_SCENE`, `ROLE_DEAD`, `PLACE_OUTSIDE`, `MOVE_TOO_FAR` with `metadata.at`. */
  move(rid: string, to: ScenePoint, nowMs: number): ScenePoint {
    this.#nowMs = nowMs
    const player = this.#players.acting(rid)
    if (!this.#isPlace(to)) {
      throw new HydraError('PLACE_OUTSIDE', 'The place lies outside of the scene.', {
        metadata: { width: this.row.width, height: this.row.height },
      })
    }
    player.move(to, nowMs)
    return to
  }

  /**
   * Hits a monster. Whether it is in reach is decided by where both are now.
   *
   * @throws HydraError `NOT_IN_SCENE`, `ROLE_DEAD`, `TARGET_NOT_FOUND`, `TARGET_INVALID`, `OUT_OF_REACH`; `TOO_SOON` with
   * `metadata.inMs`.
   */
  attack(
    rid: string,
    target: number,
    nowMs: number,
  ): { readonly damage: number; readonly left: number; readonly kill?: Kill } {
    this.#nowMs = nowMs
    const player = this.#players.acting(rid)
    const monster = this.#monsters.target(target)
    if (!isWithin(player.body.at, monster.body.at, this.#settings.reach)) {
      throw new HydraError('OUT_OF_REACH', 'The target is too far away; go nearer.')
    }
    player.beginAttack(nowMs)
    const damage = damageOf(player.attack, this.#settings.damageSpread, this.#random)
    this.state.act([player.body.id, target, damage])
    const left = monster.hurt(rid, damage)
    if (left === 0) return { damage, left, kill: this.#killed(monster, rid, nowMs) }
    this.#monsters.roused(monster)
    return { damage, left }
  }

  /** Where a portal in reach leads; the role stays. @throws HydraError `NOT_IN_SCENE`, `ROLE_DEAD`, `NO_PORTAL`. */
  portal(rid: string, to: string): Arrival {
    return throughPortal(this.row.portals, this.#players.acting(rid).body.at, to)
  }

  /**
   * Takes loot off the ground and keeps it aside, until {@link settle} or {@link giveBack}: one of them has to follow.
   *
   * @throws HydraError `NOT_IN_SCENE`, `ROLE_DEAD`, `TARGET_NOT_FOUND`, `TARGET_INVALID`, `OUT_OF_REACH`, `LOOT_RESERVED`.
   */
  claim(rid: string, loot: number, nowMs: number): Claimed {
    this.#nowMs = nowMs
    return this.#loot.claim(rid, this.#players.acting(rid).body.at, loot, nowMs)
  }

  /** Claimed loot is in a bag. */
  settle(loot: number): void {
    this.#loot.settle(loot)
  }

  /** Claimed loot is in no bag: on the ground again, as another entity, reserved for the role that claimed it. */
  giveBack(loot: number, isInDoubt = false): void {
    this.#loot.giveBack(loot, this.#nowMs, isInDoubt)
  }

  /** Gives a role health, up to all of it. Nothing happens if it is dead, or not in. */
  heal(rid: string, health: number): void {
    this.#players.find(rid)?.heal(health)
  }

  /** A role has another name or level; another level brings full health. Nothing happens if it is not in. */
  changed(role: Newcomer): void {
    this.#players.find(role.rid)?.change(role)
  }

  /**
   * One tick, in this order: loot ends, players come back to life and recover, corpses go and monsters appear, monsters act,
   * and the changes since the last step become deltas. It does not throw for what one monster does wrong: that one is taken
   * out, appears anew after its time, and is told in `faults`.
   */
  step(nowMs: number): SceneStep {
    this.#nowMs = nowMs
    this.#loot.step(nowMs)
    this.#players.step(nowMs)
    const faults = this.#monsters.step(nowMs)
    const deltas = this.state.endTick()
    return { tick: this.state.tick, deltas, faults }
  }

  #hitPlayer(monster: Monster, player: Player, nowMs: number): void {
    const damage = damageOf(monster.row.attack, this.#settings.damageSpread, this.#random)
    this.state.act([monster.body.id, player.body.id, damage])
    player.hurt(damage, nowMs)
  }

  #killed(monster: Monster, byRid: string, nowMs: number): Kill {
    const { row, body, hurtBy } = monster
    const { at } = body
    this.#monsters.died(monster, nowMs)
    const kill: Kill = {
      killId: `${this.state.key.toString(36)}-${body.id}`,
      monster: row.id,
      at,
      byRid,
      rids: hurtBy,
      nearby: this.#players
        .near(at, this.#settings.shareRadius)
        .filter((player) => !player.body.isDead)
        .map(({ rid }) => rid),
      exp: row.exp,
      gold: between(row.gold.min, row.gold.max, this.#random),
    }
    for (const { item, count } of lootOf(row, this.#random)) {
      const place = placeAround(this.row, at, this.#settings.lootScatter, this.#random)
      this.#loot.drop({ item, count, at: place, owner: byRid }, nowMs)
    }
    return kill
  }

  #isPlace(point: ScenePoint): boolean {
    return this.state.grid.contains(point) && point.every(Number.isSafeInteger)
  }
}

export type { Kill } from './rules/kill.ts'
export type { SceneFault } from './rules/monsters.ts'
