import { cellDigest, type SceneDelta, type SceneEntity } from '@hydra/protocol'

/** What a client has of one cell: its content as of a step, or only deltas that wait for a snapshot on which they fit. */
export class CellReplica {
  readonly cell: number
  /** When something was heard of the cell last, by the client's clock. */
  heardAtMs: number
  /** Whether it is in view. */
  isShown = false
  readonly #entities = new Map<number, SceneEntity>()
  #waiting: SceneDelta[] = []
  #changeTick: number | undefined
  #isTrusted = false
  #digest: number | undefined

  constructor(cell: number, nowMs: number) {
    this.cell = cell
    this.heardAtMs = nowMs
  }

  /** Step of the last delta that is part of the content; `undefined` while there never was a snapshot. */
  get changeTick(): number | undefined {
    return this.#changeTick
  }

  /** Whether the content is what the server has, as far as one can know. What is not is kept, for the eye. */
  get isTrusted(): boolean {
    return this.#isTrusted
  }

  /** How many deltas wait. */
  get waiting(): number {
    return this.#waiting.length
  }

  get entities(): ReadonlyMap<number, SceneEntity> {
    return this.#entities
  }

  /** Digest of the content. */
  get digest(): number {
    this.#digest ??= cellDigest(this.#entities.values())
    return this.#digest
  }

  put(entity: SceneEntity): void {
    this.#digest = undefined
    this.#entities.set(entity.i, entity)
  }

  take(id: number): void {
    this.#digest = undefined
    this.#entities.delete(id)
  }

  /** The content is that of step `changeTick`. */
  advance(changeTick: number): void {
    this.#changeTick = changeTick
    this.#isTrusted = true
  }

  /** The content is not to be relied upon until the next snapshot. */
  distrust(): void {
    this.#isTrusted = false
  }

  /** Keeps a delta until there is a snapshot. */
  wait(delta: SceneDelta): void {
    this.#waiting.push(delta)
  }

  /** Gives out the deltas that wait, in the order of arrival; none does afterwards. */
  takeWaiting(): readonly SceneDelta[] {
    const waiting = this.#waiting
    this.#waiting = []
    return waiting
  }

  /** Whether there is a reason to remember a cell that is not in view. */
  get isWorthKeeping(): boolean {
    return this.#waiting.length > 0 || this.#changeTick !== undefined
  }

  /**
   * The cell is not in view as of step `tick`: of the deltas those after it are kept. Content that is later than that is
   * kept, too, and goes on: the cell may come back into view with a snapshot that lacks what has been applied already.
   */
  hide(tick: number): void {
    this.isShown = false
    this.#waiting = this.#waiting.filter(({ t }) => t > tick)
    const isLater = this.#changeTick !== undefined && this.#changeTick > tick
    if (isLater && this.#isTrusted) return
    if (!isLater) this.#changeTick = undefined
    this.#isTrusted = false
    this.#digest = undefined
    this.#entities.clear()
  }
}
