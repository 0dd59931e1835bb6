import { HydraError, type ScenePoint } from '@hydra/protocol'
import { Player, type Condition, type Newcomer, type PlayerOptions } from './player.ts'

/** What the players of a scene need. */
export interface PlayersOptions extends PlayerOptions {
  /** Most of them; `SCENE_FULL` beyond. */
  readonly max: number
}

/** How long it is known in which condition a role has left, */
const departedMs = 60_000
/** and of how many: of those who left last. */
const departedMax = 1_000

/** The players in a scene, by role and by entity. */
export class Players {
  readonly #options: PlayersOptions
  readonly #byRid = new Map<string, Player>()
  readonly #byEntity = new Map<number, Player>()
  /** Who has left, the longest ago first. */
  readonly #departed = new Map<string, { readonly condition: Condition; readonly atMs: number }>()
  #nowMs = 0

  constructor(options: PlayersOptions) {
    this.#options = options
  }

  get size(): number {
    return this.#byRid.size
  }

  /**
   * Brings a role in: with full health, or, soon after it has left, as it was then. Who is in already stays where it is,
   * and is not away any more.
   *
   * @throws HydraError `SCENE_FULL`.
   */
  join(newcomer: Newcomer, at: ScenePoint, nowMs: number): Player {
    const known = this.#byRid.get(newcomer.rid)
    if (known !== undefined) {
      known.change(newcomer)
      known.setAway(false)
      return known
    }
    const { max } = this.#options
    if (this.size >= max) {
      throw new HydraError('SCENE_FULL', `The scene has ${max} players; try again later.`, {
        metadata: { playersMax: max },
      })
    }
    const former = this.#departed.get(newcomer.rid)?.condition
    this.#departed.delete(newcomer.rid)
    const player = new Player(newcomer, at, this.#options, nowMs, former)
    this.#byRid.set(player.rid, player)
    this.#byEntity.set(player.body.id, player)
    return player
  }

  /** Takes a role out; answers where it would come again. */
  leave(rid: string): ScenePoint | undefined {
    const player = this.#byRid.get(rid)
    if (player === undefined) return undefined
    const { place } = player
    this.#byRid.delete(rid)
    this.#byEntity.delete(player.body.id)
    this.#remember(rid, player.condition)
    player.leave()
    return place
  }

  find(rid: string): Player | undefined {
    return this.#byRid.get(rid)
  }

  /** One that may act. @throws HydraError `NOT_IN_SCENE`, `ROLE_DEAD`. */
  acting(rid: string): Player {
    const player = this.#byRid.get(rid)
    if (player === undefined) throw new HydraError('NOT_IN_SCENE', 'The role is in no scene; enter first.')
    player.assertActs()
    return player
  }

  /** Those at most `radius` from a place, the dead and the away among them. */
  near(point: ScenePoint, radius: number): Player[] {
    const found: Player[] = []
    for (const { i, k } of this.#options.state.near(point, radius)) {
      const player = k === 'p' ? this.#byEntity.get(i) : undefined
      if (player !== undefined) found.push(player)
    }
    return found
  }

  /** The cells that somebody could see. */
  cellsInView(): Set<number> {
    const { grid } = this.#options.state
    const centres = new Set<number>()
    for (const { body } of this.#byRid.values()) centres.add(grid.cellOf(body.at))
    const inView = new Set<number>()
    for (const centre of centres) for (const cell of grid.around(centre)) inView.add(cell)
    return inView
  }

  step(nowMs: number): void {
    this.#nowMs = nowMs
    for (const [rid, { atMs }] of this.#departed) {
      if (nowMs - atMs < departedMs) break
      this.#departed.delete(rid)
    }
    for (const player of this.#byRid.values()) player.step(nowMs)
  }

  #remember(rid: string, condition: Condition): void {
    const [oldest] = this.#departed.keys()
    if (oldest !== undefined && this.#departed.size >= departedMax) this.#departed.delete(oldest)
    this.#departed.delete(rid)
    this.#departed.set(rid, { condition, atMs: this.#nowMs })
  }
}
