import type { ScenePoint } from '@hydra/protocol'

/** Where the player's own entity is taken to be: ahead of what the server has told, until that has caught up. */
export class OwnPlace {
  #ahead: { readonly place: ScenePoint; readonly tick: number } | undefined
  #lastMove = 0
  #isMoving = false
  #toldTick = -1

  /** Instead of the place that the server has told; `undefined`: that one it is. */
  get ahead(): ScenePoint | undefined {
    return this.#ahead?.place
  }

  /** A step is asked for; returns its number. */
  begin(to: ScenePoint): number {
    this.#isMoving = true
    this.#ahead = { place: to, tick: Infinity }
    return ++this.#lastMove
  }

  /** What was answered to a step: where it is after the scene's step `tick`. Nothing if another one was made since. */
  end(move: number, place: ScenePoint | undefined, tick: number): void {
    if (move !== this.#lastMove) return
    this.#isMoving = false
    this.#ahead = place === undefined || this.#toldTick > tick ? undefined : { place, tick }
  }

  /** The server has told its entity as of step `tick`. */
  told(tick: number): void {
    this.#toldTick = Math.max(this.#toldTick, tick)
    if (!this.#isMoving && this.#ahead !== undefined && tick > this.#ahead.tick) this.#ahead = undefined
  }

  /** It is in another scene. */
  reset(): void {
    this.#ahead = undefined
    this.#lastMove += 1
    this.#isMoving = false
    this.#toldTick = -1
  }
}
