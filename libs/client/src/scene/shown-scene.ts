import type { SceneAction, SceneEntity, SceneInfo } from '@hydra/protocol'
import type { ClientClock } from '../client-clock.ts'
import type { SceneViewChange } from '../scene-view-options.ts'
import { OwnPlace } from './own-place.ts'
import { PlaceTracks } from './place-tracks.ts'
import type { SceneCells } from './scene-cells.ts'

/** What a scene is shown with. */
export interface ShownSceneOptions {
  readonly info: SceneInfo
  /** What has come of it so far. */
  readonly cells: SceneCells
  readonly clock: ClientClock
  readonly renderDelayMs: number
  readonly onChange: (change: SceneViewChange) => void
  readonly onAction: (action: SceneAction) => void
}

/** The scene in view: its cells, where its entities are to be shown, and who of them the player is. */
export class ShownScene {
  readonly cells: SceneCells
  readonly own = new OwnPlace()
  readonly #options: ShownSceneOptions
  readonly #tracks: PlaceTracks
  #info: SceneInfo
  #self: SceneEntity | undefined

  constructor(options: ShownSceneOptions) {
    const { info, cells, renderDelayMs } = options
    this.#options = options
    this.#info = info
    this.cells = cells
    this.#tracks = new PlaceTracks({ tickMs: info.tickMs, delayMs: renderDelayMs, jumpCm: info.cellSize })
  }

  get info(): SceneInfo {
    return this.#info
  }

  /** The latest step heard of. */
  get tick(): number {
    return Math.max(this.#info.t, this.cells.tick)
  }

  /** The player's own entity, where its steps have led it; the last known, while the server shows none. */
  get self(): SceneEntity | undefined {
    const { ahead } = this.own
    const self = this.#self
    return self === undefined || ahead === undefined ? self : { ...self, p: [...ahead] }
  }

  /** Tells what is known by now, and from now on what changes. */
  begin(): void {
    const { onChange, onAction } = this.#options
    onChange({ kind: 'scene', info: this.#info })
    for (const entity of this.cells.entities()) this.#onEntered(entity, this.cells.tick)
    this.cells.listener = {
      onEntered: (entity, tick) => this.#onEntered(entity, tick),
      onChanged: (entity, former, tick) => {
        this.#tracks.changed(entity, former, tick, this.#nowMs())
        this.#noteSelf(entity, tick)
        onChange({ kind: 'changed', entity, former })
      },
      onLeft: (entity, tick) => {
        this.#tracks.left(entity.i, tick)
        onChange({ kind: 'left', entity })
      },
      onAction,
    }
  }

  /** The role has entered it once more, maybe as another entity. */
  renew(info: SceneInfo): void {
    if (info.self !== this.#info.self) {
      this.own.reset()
      this.#self = this.cells.get(info.self)
    }
    this.#info = info
  }

  /** A push of it has come. */
  receive(tick: number, take: (cells: SceneCells, nowMs: number) => void): void {
    const nowMs = this.#nowMs()
    this.#tracks.arrived(tick, nowMs)
    take(this.cells, nowMs)
  }

  /** Nothing has changed in a cell up to step `tick`: not the player's place either, if it is there. */
  silent(cell: number, tick: number): void {
    if (this.cells.cellOf(this.#info.self) === cell) this.own.told(tick)
  }

  placeOf(id: number, atMs: number): [number, number] | undefined {
    return this.cells.get(id) === undefined ? undefined : this.#tracks.placeOf(id, atMs)
  }

  #onEntered(entity: SceneEntity, tick: number): void {
    this.#tracks.entered(entity, tick, this.#nowMs())
    this.#noteSelf(entity, tick)
    this.#options.onChange({ kind: 'entered', entity })
  }

  #noteSelf(entity: SceneEntity, tick: number): void {
    if (entity.i !== this.#info.self) return
    this.#self = entity
    this.own.told(tick)
  }

  #nowMs(): number {
    return this.#options.clock.monotonicMs()
  }
}
