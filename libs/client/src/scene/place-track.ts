import type { ScenePoint } from '@hydra/protocol'

interface Waypoint {
  readonly atMs: number
  readonly place: ScenePoint
}

/** More than this are not kept: what is ahead is straightened. */
const waypointsMax = 6

/**
 * The way of one entity, by the scene's time: places that the server has told, and straight lines between them. Never
 * beyond the last one: who is not heard of stands still. A place told late does not make it jump: the way goes on from
 * where it is shown, and catches up within half a step.
 */
export class PlaceTrack {
  readonly #leastMs: number
  #way: Waypoint[]

  /** @param options.leastMs no stretch of the way takes less than this. */
  constructor(options: { readonly atMs: number; readonly place: ScenePoint; readonly leastMs: number }) {
    this.#leastMs = options.leastMs
    this.#way = [{ atMs: options.atMs, place: options.place }]
  }

  /** It is at `place` at `dueMs`; `shownMs` is the moment that is shown at present. */
  moveTo(place: ScenePoint, dueMs: number, shownMs: number): void {
    const last = this.#way.at(-1)
    if (last === undefined) return
    const startMs = Math.max(last.atMs, shownMs)
    if (startMs > last.atMs) this.#way.push({ atMs: startMs, place: last.place })
    this.#way.push({ atMs: Math.max(dueMs, startMs + this.#leastMs), place })
    while (this.#way.length > 1 && (this.#way[1]?.atMs ?? Infinity) <= shownMs) this.#way.shift()
    // The stretch that is shown at present stays, and so does the end.
    while (this.#way.length > waypointsMax) this.#way.splice(2, 1)
  }

  /** It is at `place`, however it came there. */
  jumpTo(place: ScenePoint, atMs: number): void {
    this.#way = [{ atMs, place }]
  }

  /** Where it is at `atMs`; before the first place the first, after the last the last. Not rounded. */
  at(atMs: number): [number, number] {
    let [from] = this.#way
    for (const to of this.#way) {
      if (from !== undefined && to.atMs > atMs) return between(from, to, atMs)
      from = to
    }
    const [x, y] = from?.place ?? [0, 0]
    return [x, y]
  }
}

function between(from: Waypoint, to: Waypoint, atMs: number): [number, number] {
  const share = to.atMs === from.atMs ? 1 : Math.max(0, (atMs - from.atMs) / (to.atMs - from.atMs))
  const [[ax, ay], [bx, by]] = [from.place, to.place]
  return [ax + (bx - ax) * share, ay + (by - ay) * share]
}
