import { HydraError, type ScenePoint } from '@hydra/protocol'
import type { LevelRow } from '../../tables/rows.ts'
import type { SceneSettings } from '../scene-settings.ts'
import type { SceneState } from '../state/scene-state.ts'
import { Body } from './body.ts'
import { distanceBetween } from './geometry.ts'
import { MoveBudget } from './move-budget.ts'

/** Who comes into a scene. */
export interface Newcomer {
  readonly rid: string
  readonly name: string
  readonly level: number
}

/** What a player is made with. */
export interface PlayerOptions {
  readonly state: SceneState
  readonly settings: SceneSettings
  /** Health and attack by level. */
  readonly levels: readonly LevelRow[]
  /** Where it comes back to life. */
  readonly start: ScenePoint
}

/** What a role takes along that leaves a scene and comes back: going out is no way to heal, to rest or to get ahead. */
export interface Condition {
  readonly health: number
  readonly budget: MoveBudget
  readonly readyAtMs: number
  readonly recoversAtMs: number
  readonly backAtMs: number | undefined
}

/** A role in a scene: what it may do, and what happens to it. */
export class Player {
  readonly rid: string
  readonly body: Body
  readonly #options: PlayerOptions
  readonly #budget: MoveBudget
  #row: LevelRow
  #level: number
  #isAway = false
  #isGone = false
  /** When it may attack again. */
  #readyAtMs: number
  /** When it recovers next. */
  #recoversAtMs: number
  /** When it comes back to life; `undefined` while it is alive. */
  #backAtMs: number | undefined

  constructor(
    { rid, name, level }: Newcomer,
    at: ScenePoint,
    options: PlayerOptions,
    nowMs: number,
    former?: Condition,
  ) {
    const { state, settings, levels } = options
    this.rid = rid
    this.#options = options
    this.#level = level
    this.#row = rowOf(level, levels)
    this.#budget = former?.budget ?? new MoveBudget(settings, nowMs)
    this.#readyAtMs = former?.readyAtMs ?? -Infinity
    this.#recoversAtMs = former?.recoversAtMs ?? -Infinity
    this.#backAtMs = former?.backAtMs
    const { health: all } = this.#row
    const health = Math.min(former?.health ?? all, all)
    const dead = this.#backAtMs === undefined ? {} : { s: 'd' as const }
    this.body = new Body(state, { k: 'p', p: [...at], n: name, r: rid, l: level, h: [health, all], ...dead })
  }

  /** What it takes along when it leaves. */
  get condition(): Condition {
    const { health } = this.body
    return {
      health,
      budget: this.#budget,
      readyAtMs: this.#readyAtMs,
      recoversAtMs: this.#recoversAtMs,
      backAtMs: this.#backAtMs,
    }
  }

  get attack(): number {
    return this.#row.attack
  }

  /** Whether monsters may attack it: not the dead, nor those whose player is away. */
  get isTarget(): boolean {
    return !this.#isGone && !this.#isAway && this.#backAtMs === undefined
  }

  /** Where it would be if it came again: who leaves dead comes back at the start. */
  get place(): ScenePoint {
    return this.#backAtMs === undefined ? this.body.at : this.#options.start
  }

  /** @throws HydraError `ROLE_DEAD`; `NOT_IN_SCENE` while its player is away: it enters again first. */
  assertActs(): void {
    if (this.#isAway) {
      throw new HydraError('NOT_IN_SCENE', 'The connection of the role was lost; enter the scene again.')
    }
    if (this.#backAtMs !== undefined) {
      throw new HydraError('ROLE_DEAD', 'The role is dead; it comes back to life by itself.')
    }
  }

  /** @throws HydraError `MOVE_TOO_FAR`, with where it is. */
  move(to: ScenePoint, nowMs: number): void {
    const at = this.body.at
    if (!this.#budget.spend(distanceBetween(at, to), nowMs)) {
      throw new HydraError('MOVE_TOO_FAR', 'The role cannot be there yet; go on from where it is.', {
        metadata: { at: [...at] },
      })
    }
    this.body.moveTo(to)
  }

  /** Begins an attack. @throws HydraError `TOO_SOON`, with the milliseconds until it may. */
  beginAttack(nowMs: number): void {
    const inMs = Math.ceil(this.#readyAtMs - nowMs)
    if (inMs > 0) {
      throw new HydraError('TOO_SOON', `The role may attack again in ${inMs} ms.`, { metadata: { inMs } })
    }
    this.#readyAtMs = nowMs + this.#options.settings.attackEveryMs
  }

  /** It was hit. */
  hurt(damage: number, nowMs: number): void {
    const { regenerateAfterMs, playerRespawnMs } = this.#options.settings
    this.#recoversAtMs = nowMs + regenerateAfterMs
    if (this.body.hurt(damage) > 0) return
    this.#backAtMs = nowMs + playerRespawnMs
    this.#show()
  }

  /** Gives health, up to all of it. The dead stay dead. */
  heal(health: number): void {
    if (this.#backAtMs === undefined) this.body.heal(health)
  }

  /** Takes another name or level over. Another level brings its health, all of it. */
  change({ name, level }: Omit<Newcomer, 'rid'>): void {
    this.body.change({ n: name })
    if (level === this.#level) return
    this.#level = level
    this.#row = rowOf(level, this.#options.levels)
    const { health } = this.#row
    this.body.change({ l: level, h: [this.#backAtMs === undefined ? health : 0, health] })
  }

  setAway(isAway: boolean): void {
    this.#isAway = isAway
    this.#show()
  }

  /** Takes it out of the scene. */
  leave(): void {
    this.#isGone = true
    this.body.remove()
  }

  /** Comes back to life, or recovers, when it is time. */
  step(nowMs: number): void {
    const { body } = this
    if (this.#backAtMs !== undefined) {
      if (nowMs < this.#backAtMs) return
      this.#backAtMs = undefined
      body.moveTo(this.#options.start)
      body.heal(body.healthMax)
      this.#show()
    } else if (nowMs >= this.#recoversAtMs && body.health < body.healthMax) {
      body.heal(Math.ceil(body.healthMax * this.#options.settings.regeneratePerSecond))
      this.#recoversAtMs = nowMs + 1_000
    }
  }

  #show(): void {
    const alive = this.#isAway ? 'a' : null
    this.body.change({ s: this.#backAtMs === undefined ? alive : 'd' })
  }
}

/** The row of a level; of one beyond the table, which was shortened, the last. */
function rowOf(level: number, levels: readonly LevelRow[]): LevelRow {
  const row = levels[level - 1] ?? levels.at(-1)
  if (row === undefined) throw new HydraError('INTERNAL', 'The table of levels is empty.')
  return row
}
