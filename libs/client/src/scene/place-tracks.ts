import type { SceneEntity } from '@hydra/protocol'
import { PlaceTrack } from './place-track.ts'
import { SceneClock } from './scene-clock.ts'

/** Who comes back within so many steps has only crossed a border between cells. */
const crossingTicksMax = 5
/** Ways of entities that have left are thrown away when there are so many more than of those in view. */
const spareMax = 64

/** How places are shown. */
export interface PlaceTracksOptions {
  readonly tickMs: number
  /** How far in the past places are shown. */
  readonly delayMs: number
  /** Who is further away than this after one change has not walked there. */
  readonly jumpCm: number
}

/** The ways of all entities in view, and the scene's time to look at them. */
export class PlaceTracks {
  readonly #options: PlaceTracksOptions
  readonly #clock: SceneClock
  readonly #tracks = new Map<number, PlaceTrack>()
  /** Those that are not in view, and since which step. */
  readonly #left = new Map<number, number>()

  constructor(options: PlaceTracksOptions) {
    this.#options = options
    this.#clock = new SceneClock(options)
  }

  /** A push about step `tick` has come: to be called before it is taken. */
  arrived(tick: number, nowMs: number): void {
    this.#clock.arrived(tick, nowMs)
  }

  entered(entity: SceneEntity, tick: number, nowMs: number): void {
    const leftTick = this.#left.get(entity.i)
    this.#left.delete(entity.i)
    if (leftTick !== undefined && Math.abs(tick - leftTick) <= crossingTicksMax) {
      const track = this.#tracks.get(entity.i)
      if (track !== undefined) return track.moveTo(entity.p, this.#dueMs(tick), this.#shownMs(tick, nowMs))
    }
    const { tickMs } = this.#options
    const track = new PlaceTrack({ atMs: this.#dueMs(tick), place: entity.p, leastMs: tickMs / 2 })
    this.#tracks.set(entity.i, track)
  }

  changed({ i, p }: SceneEntity, former: SceneEntity, tick: number, nowMs: number): void {
    const [dx, dy] = [p[0] - former.p[0], p[1] - former.p[1]]
    const track = this.#tracks.get(i)
    if (track === undefined || (dx === 0 && dy === 0)) return
    if (Math.hypot(dx, dy) > this.#options.jumpCm) track.jumpTo(p, this.#dueMs(tick))
    else track.moveTo(p, this.#dueMs(tick), this.#shownMs(tick, nowMs))
  }

  left(id: number, tick: number): void {
    this.#left.set(id, tick)
    if (this.#left.size <= this.#tracks.size / 2 + spareMax) return
    for (const each of this.#left.keys()) this.#tracks.delete(each)
    this.#left.clear()
  }

  placeOf(id: number, atMs: number): [number, number] | undefined {
    return this.#tracks.get(id)?.at(this.#shownMs(0, atMs))
  }

  #dueMs(tick: number): number {
    return tick * this.#options.tickMs
  }

  /** The moment of the scene that is shown at `atMs`. */
  #shownMs(tick: number, atMs: number): number {
    return (this.#clock.timeAt(atMs) ?? this.#dueMs(tick)) - this.#options.delayMs
  }
}
