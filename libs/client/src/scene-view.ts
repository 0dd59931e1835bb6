import {
  HydraError,
  pushes,
  routes,
  type SceneEntity,
  type SceneInfo,
  type ScenePoint,
} from '@hydra/protocol'
import { systemClock, type ClientClock } from './client-clock.ts'
import type { SceneClosed, SceneView, SceneViewOptions } from './scene-view-options.ts'
import { SceneCandidates, type Candidate } from './scene/scene-candidates.ts'
import type { SceneCells } from './scene/scene-cells.ts'
import { SceneEntrance, type EntranceKind } from './scene/scene-entrance.ts'
import { SceneRepair, sentMs } from './scene/scene-repair.ts'
import { ShownScene } from './scene/shown-scene.ts'

const { enter, move, travel } = routes.game.scene
const { beat, closed, delta, view } = pushes.game.scene

/** {@link SceneViewOptions.waitingMax} when absent. */
const waitingDefault = 1_000
/** {@link SceneViewOptions.quietTicks} when absent. */
const quietTicksDefault = 60

/**
 * Shows the scene in which the role is, exactly as its server has it, whatever becomes of pushes and connections: what
 * comes early waits, what comes late or twice is passed over, and what was missed shows as a gap, as a digest that differs
 * or as silence, and is asked for anew. The role is to be entered before.
 *
 * @example
 * const view = createSceneView({ client, onChange: (change) => draw(change) })
 * await view.enter()
 * await view.move([120, 300])
 * // after client.reconnect(): view.resync() if that has resumed, else game.role.enter and view.enter()
 */
export function createSceneView(options: SceneViewOptions): SceneView {
  return new View(options)
}

type Take = (cells: SceneCells, nowMs: number) => void

class View implements SceneView {
  readonly #options: SceneViewOptions
  readonly #clock: ClientClock
  readonly #random: () => number
  readonly #entrance: SceneEntrance
  readonly #repair: SceneRepair
  readonly #candidates: SceneCandidates
  readonly #stops: readonly (() => void)[]
  #shown: ShownScene | undefined
  /** Told that the role has left, but not yet that it is nowhere. */
  #isLeaving = false
  /** Whether the role is to be in a scene: an `enter` that the connection did not live to see is made up for. */
  #isWanted = false
  #isClosed = false
  #watch: { cancel(): void } | undefined

  constructor(options: SceneViewOptions) {
    this.#options = options
    const { client, clock = systemClock, random = Math.random } = options
    this.#clock = clock
    this.#random = random
    this.#candidates = new SceneCandidates(options.waitingMax ?? waitingDefault)
    this.#entrance = new SceneEntrance({
      clock,
      random,
      onBegin: (kind) => this.#onEntrance(kind),
      onEntered: (info) => this.#show(info),
      onFailed: (kind, error) => this.#onEntranceFailed(kind, error),
    })
    this.#repair = new SceneRepair({
      client,
      clock,
      random,
      brokenScene: () => this.#brokenScene(),
      onElsewhere: () => this.#onElsewhere(),
      onError: (error) => this.#onRepairFailed(error),
    })
    this.#stops = [
      client.on(delta, (payload) => this.#receive(payload, (cells, nowMs) => cells.onDelta(payload, nowMs))),
      client.on(view, (payload) => this.#receive(payload, (cells, nowMs) => cells.onView(payload, nowMs))),
      client.on(beat, (payload) => {
        this.#receive(payload, (cells, nowMs) => cells.onBeat(payload, nowMs))
        if (this.#shown?.info.x === payload.x) this.#shown.silent(payload.c, payload.t)
      }),
      client.on(closed, ({ x, reason }) => this.#onClosed(x, reason)),
    ]
  }

  get info(): SceneInfo | undefined {
    return this.#shown?.info
  }

  get tick(): number {
    return this.#shown?.tick ?? 0
  }

  get self(): SceneEntity | undefined {
    return this.#shown?.self
  }

  get cells(): readonly number[] {
    return this.#shown?.cells.inView ?? []
  }

  get inSync(): boolean {
    return this.#entrance.underWay === undefined && this.#shown?.cells.isComplete === true
  }

  get(id: number): SceneEntity | undefined {
    return this.#shown?.cells.get(id)
  }

  entities(): Iterable<SceneEntity> {
    return this.#shown?.cells.entities() ?? []
  }

  digest(cell: number): number | undefined {
    return this.cells.includes(cell) ? this.#shown?.cells.digest(cell) : undefined
  }

  placeOf(id: number, atMs = this.#clock.monotonicMs()): [number, number] | undefined {
    return this.#shown?.placeOf(id, atMs)
  }

  enter(): Promise<SceneInfo> {
    this.#isWanted = true
    return this.#entrance.enter(() => this.#options.client.request(enter, {}))
  }

  travel(to: string): Promise<SceneInfo> {
    return this.#entrance.travel(() => this.#options.client.request(travel, { to }))
  }

  async move(to: ScenePoint): Promise<ScenePoint> {
    const shown = this.#shown
    const step = shown?.own.begin(to) ?? 0
    try {
      const { at, t } = await this.#options.client.request(move, { to: [...to] })
      shown?.own.end(step, at, t)
      return at
    } catch (thrown) {
      const error = HydraError.from(thrown)
      shown?.own.end(step, placeIn(error), shown.tick)
      if (error.code === 'NOT_IN_SCENE' && shown !== undefined && shown === this.#shown) this.#enterByItself()
      throw error
    }
  }

  resync(): void {
    if (this.#isClosed) return
    if (this.#shown === undefined) {
      if (this.#isWanted) this.#enterByItself()
      return
    }
    this.#shown.cells.distrust()
    this.#repair.again()
  }

  close(): void {
    this.#isClosed = true
    for (const stop of this.#stops) stop()
    this.#entrance.close()
    this.#repair.wake()
    this.#watch?.cancel()
  }

  #receive(push: { readonly x: number; readonly t: number }, take: Take): void {
    const shown = this.#shown
    if (shown?.info.x !== push.x) {
      const cells = this.#candidate(push.x)?.cells
      if (cells !== undefined) take(cells, this.#clock.monotonicMs())
      return
    }
    shown.receive(push.t, take)
    if (!shown.cells.isComplete) return this.#mend(shown)
    this.#isLeaving = false
    this.#repair.wake()
  }

  /** Pushes of a scene that is not shown count only while the role is on its way into one. */
  #candidate(x: number): Candidate | undefined {
    return this.#entrance.underWay === undefined ? undefined : this.#candidates.of(x)
  }

  #onEntrance(kind: EntranceKind): void {
    // The view may come before the answer, so it is now that what is there becomes doubtful.
    if (kind === 'enter') this.#shown?.cells.distrust()
    this.#repair.wake()
  }

  /** The role is in this scene, as the server has answered. */
  #show(info: SceneInfo): void {
    if (this.#isClosed) return
    const { cells, closed: reason } = this.#candidates.choose(info.x)
    this.#isLeaving = false
    if (this.#shown?.info.x === info.x) this.#shown.renew(info)
    else this.#open(info, cells)
    const shown = this.#shown
    if (shown === undefined) return
    this.#repair.reset()
    if (!shown.cells.isComplete) this.#repair.begin(sentMs)
    this.#watchSilence(shown)
    if (reason !== undefined) this.#onClosed(info.x, reason)
  }

  #open(info: SceneInfo, cells: SceneCells): void {
    const { onChange, onAction, renderDelayMs = 2 * info.tickMs } = this.#options
    // What comes of the former one goes nowhere.
    if (this.#shown !== undefined) this.#shown.cells.listener = undefined
    this.#shown = new ShownScene({
      info,
      cells,
      clock: this.#clock,
      renderDelayMs,
      onChange: (change) => this.#tell(() => onChange?.(change)),
      onAction: (action) => this.#tell(() => onAction?.(action)),
    })
    this.#shown.begin()
  }

  /** Whoever has called, or {@link enterByItself}, is told of the failure itself. */
  #onEntranceFailed(kind: EntranceKind, { retryable }: HydraError): void {
    this.#candidates.clear()
    if (kind !== 'travel' || this.#shown === undefined) return
    // It may have come to another scene without the answer.
    if (retryable) this.#shown.cells.distrust()
    this.#mend(this.#shown)
  }

  #onClosed(x: number, reason: SceneClosed): void {
    if (this.#shown?.info.x !== x) {
      const candidate = this.#candidate(x)
      if (candidate !== undefined) candidate.closed = reason
      return
    }
    if (reason === 'left') {
      // It may be the end of a former stay in the same scene, told late: the server knows.
      this.#isLeaving = true
      return this.resync()
    }
    this.#tell(() => this.#options.onClosed?.(reason))
    this.#enterByItself()
  }

  /** The server has the role in no scene, or in another one. */
  #onElsewhere(): void {
    if (this.#isLeaving) this.#leave()
    else this.#enterByItself()
  }

  #onRepairFailed(error: HydraError): void {
    // The role itself may have been left, and with it the scene.
    if (this.#isLeaving && !error.retryable) this.#leave()
    else this.#tell(() => this.#options.onError?.(error))
  }

  #leave(): void {
    this.#isLeaving = false
    this.#isWanted = false
    this.#shown = undefined
    this.#watch?.cancel()
    this.#tell(() => this.#options.onClosed?.('left'))
  }

  #enterByItself(): void {
    if (this.#isClosed || this.#entrance.underWay === 'enter') return
    void this.enter().catch((thrown) => this.#tell(() => this.#options.onError?.(HydraError.from(thrown))))
  }

  #brokenScene(): number | undefined {
    const { info, cells } = this.#shown ?? {}
    const isBusy = this.#isClosed || this.#entrance.underWay !== undefined
    return isBusy || cells?.isComplete === true ? undefined : info?.x
  }

  /** Clients that miss the same push do not all ask at the same moment. */
  #mend({ info, cells }: ShownScene): void {
    if (!cells.isComplete) this.#repair.begin(this.#random() * info.tickMs)
  }

  /** A view that receives nothing at all would never notice by itself. */
  #watchSilence({ info }: ShownScene): void {
    const { quietTicks = quietTicksDefault } = this.#options
    const quietMs = quietTicks * info.tickMs
    this.#watch?.cancel()
    this.#watch = this.#clock.after(quietMs / 3, () => {
      if (this.#shown === undefined) return
      this.#shown.cells.distrustSilent(this.#clock.monotonicMs() - quietMs)
      this.#mend(this.#shown)
      this.#watchSilence(this.#shown)
    })
  }

  /** What the application throws must not keep the view from going on; it surfaces as what it is. */
  #tell(listener: () => void): void {
    if (this.#isClosed) return
    try {
      listener()
    } catch (error) {
      queueMicrotask(() => {
        throw error
      })
    }
  }
}

function placeIn({ metadata }: HydraError): ScenePoint | undefined {
  const at = metadata?.['at']
  if (!Array.isArray(at)) return undefined
  const [x, y] = at
  return typeof x === 'number' && typeof y === 'number' ? [x, y] : undefined
}
