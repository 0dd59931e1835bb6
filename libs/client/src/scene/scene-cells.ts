import {
  applySceneChange,
  sceneChangeBetween,
  type SceneAction,
  type SceneBeat,
  type SceneDelta,
  type SceneEntity,
  type SceneViewPush,
} from '@hydra/protocol'
import { CellReplica } from './cell-replica.ts'

/** Is told what comes of pushes; `tick` is the step as of which it is so. */
export interface SceneCellsListener {
  onEntered(entity: SceneEntity, tick: number): void
  onChanged(entity: SceneEntity, former: SceneEntity, tick: number): void
  onLeft(entity: SceneEntity, tick: number): void
  onAction(action: SceneAction): void
}

/** Steps after which a cell that is heard of, but not in view, shows that a `game.scene.view` was lost. */
const strayTicksMax = 20

/** In which cell an entity is, as of the latest that is known. */
interface Home {
  readonly replica: CellReplica
  /** The latest step as of which it is known to be there. */
  readonly since: number
}

/**
 * What a client has of one scene, cell by cell. Each cell's pushes come in order; otherwise anything may be late, early,
 * twice or lost: a delta before the snapshot of its cell waits for it, at most `waitingMax` of them in all; one too many,
 * and none is kept, which the next delta or beat of each of those cells shows as a gap.
 */
export class SceneCells {
  readonly x: number
  /** Told of changes; absent while it is not yet known whether this is the scene to show. */
  listener: SceneCellsListener | undefined
  readonly #waitingMax: number
  readonly #replicas = new Map<number, CellReplica>()
  readonly #homes = new Map<number, Home>()
  #inView: readonly number[] = []
  #viewTick = -1
  #tick = 0
  #waiting = 0
  #strayTick: number | undefined
  #isViewMissing = true

  constructor(options: { readonly x: number; readonly waitingMax: number }) {
    this.x = options.x
    this.#waitingMax = options.waitingMax
  }

  /** The latest step heard of. */
  get tick(): number {
    return this.#tick
  }

  /** Cells in view. */
  get inView(): readonly number[] {
    return this.#inView
  }

  /** Whether everything in view is known and, as far as one can know, right. */
  get isComplete(): boolean {
    return !this.#isViewMissing && this.#inView.every((cell) => this.#replicas.get(cell)?.isTrusted === true)
  }

  get(id: number): SceneEntity | undefined {
    return this.#homes.get(id)?.replica.entities.get(id)
  }

  /** The cell in which an entity is. */
  cellOf(id: number): number | undefined {
    return this.#homes.get(id)?.replica.cell
  }

  *entities(): Iterable<SceneEntity> {
    for (const [id, { replica }] of this.#homes) {
      const entity = replica.entities.get(id)
      if (entity !== undefined) yield entity
    }
  }

  /** Digest of a cell; `undefined` while its content is not relied upon. */
  digest(cell: number): number | undefined {
    const replica = this.#replicas.get(cell)
    return replica?.isTrusted === true ? replica.digest : undefined
  }

  /** Nothing is relied upon any more until there are new snapshots. What is shown stays. */
  distrust(): void {
    for (const replica of this.#replicas.values()) replica.distrust()
  }

  /** Relies no more upon cells of which nothing was heard since `sinceMs`. */
  distrustSilent(sinceMs: number): void {
    for (const cell of this.#inView) {
      const replica = this.#replicas.get(cell)
      if (replica !== undefined && replica.heardAtMs < sinceMs) replica.distrust()
    }
  }

  onView({ t, v, c }: SceneViewPush, nowMs: number): void {
    this.#tick = Math.max(this.#tick, t)
    // Pushes that are replayed after a reconnect begin with views that are known already.
    if (t < this.#viewTick) return
    this.#viewTick = t
    this.#isViewMissing = false
    this.#strayTick = undefined
    this.#inView = v
    const replicas = v.map((cell) => this.#replicaOf(cell, nowMs))
    const appearing = replicas.filter(({ isShown }) => !isShown)
    for (const replica of replicas) {
      replica.heardAtMs = nowMs
      replica.isShown = true
    }
    // First what is new: what has gone from a cell out of view into one of these has not left.
    for (const snapshot of c) this.#onSnapshot(this.#replicaOf(snapshot.c, nowMs), snapshot, t)
    for (const replica of appearing) {
      if (!c.some(({ c: cell }) => cell === replica.cell)) replica.distrust()
      this.#appear(replica, Math.max(t, replica.changeTick ?? 0))
    }
    for (const replica of this.#replicas.values()) if (!v.includes(replica.cell)) this.#hide(replica, t)
  }

  onDelta(delta: SceneDelta, nowMs: number): void {
    this.#tick = Math.max(this.#tick, delta.t)
    this.#noteStray(delta)
    const replica = this.#replicaOf(delta.c, nowMs)
    replica.heardAtMs = nowMs
    this.#take(replica, delta)
  }

  onBeat(beat: SceneBeat, nowMs: number): void {
    this.#tick = Math.max(this.#tick, beat.t)
    this.#noteStray(beat)
    const replica = this.#replicas.get(beat.c)
    if (replica === undefined) return
    replica.heardAtMs = nowMs
    const { isTrusted, changeTick } = replica
    // One from before the snapshot.
    if (!isTrusted || changeTick === undefined || beat.p < changeTick) return
    if (beat.p > changeTick || beat.d !== replica.digest) replica.distrust()
  }

  #replicaOf(cell: number, nowMs: number): CellReplica {
    const known = this.#replicas.get(cell)
    if (known !== undefined) return known
    const replica = new CellReplica(cell, nowMs)
    this.#replicas.set(cell, replica)
    return replica
  }

  /** A cell of which something comes, but which no view names: for a moment in order, for longer not. */
  #noteStray({ c, t }: { readonly c: number; readonly t: number }): void {
    if (t <= this.#viewTick || this.#inView.includes(c)) return
    this.#strayTick ??= t
    if (t - this.#strayTick > strayTicksMax) this.#isViewMissing = true
  }

  #take(replica: CellReplica, delta: SceneDelta): void {
    const { changeTick, isTrusted } = replica
    if (changeTick !== undefined && delta.t <= changeTick) return
    if (isTrusted && delta.p === changeTick && this.#apply(replica, delta)) return
    replica.distrust()
    replica.wait(delta)
    this.#waiting += 1
    if (this.#waiting > this.#waitingMax) this.#dropWaiting()
  }

  /** @returns whether it could be applied. */
  #apply(replica: CellReplica, { t, e = [], u = [], g = [], a = [] }: SceneDelta): boolean {
    // Checked before anything is changed: what is changed in part fits nothing.
    if (!u.every(({ i }) => replica.entities.has(i)) || !g.every((id) => replica.entities.has(id)))
      return false
    for (const id of g) this.#remove(replica, id, t)
    for (const entity of e) this.#put(replica, entity, t)
    for (const change of u) {
      const entity = replica.entities.get(change.i)
      if (entity !== undefined) this.#put(replica, applySceneChange(entity, change), t)
    }
    replica.advance(t)
    for (const action of a) this.listener?.onAction(action)
    return true
  }

  #onSnapshot(replica: CellReplica, snapshot: SceneViewPush['c'][number], tick: number): void {
    const { changeTick = -1, isTrusted } = replica
    // Deltas were faster than the snapshot, or it is one of those replayed.
    if (snapshot.t < changeTick || (isTrusted && snapshot.t === changeTick)) return
    const ids = new Set(snapshot.e.map(({ i }) => i))
    for (const id of replica.entities.keys()) if (!ids.has(id)) this.#remove(replica, id, tick)
    for (const entity of snapshot.e) this.#put(replica, entity, tick)
    replica.advance(snapshot.t)
    const waiting = replica.takeWaiting()
    this.#waiting -= waiting.length
    for (const delta of waiting) this.#take(replica, delta)
  }

  #put(replica: CellReplica, entity: SceneEntity, tick: number): void {
    const home = this.#homes.get(entity.i)
    const shown = home?.replica.entities.get(entity.i)
    replica.put(entity)
    if (!replica.isShown) return
    // It is known to be in another cell by then.
    if (home !== undefined && home.replica !== replica && home.since > tick) return
    this.#homes.set(entity.i, { replica, since: Math.max(home?.since ?? tick, tick) })
    if (shown === undefined) this.listener?.onEntered(entity, tick)
    else if (sceneChangeBetween(shown, entity) !== undefined) this.listener?.onChanged(entity, shown, tick)
  }

  #remove(replica: CellReplica, id: number, tick: number): void {
    const entity = replica.entities.get(id)
    replica.take(id)
    if (entity !== undefined) this.#leave(replica, id, entity, tick)
  }

  #leave(replica: CellReplica, id: number, entity: SceneEntity, tick: number): void {
    // It may be known already to have come to another cell.
    if (this.#homes.get(id)?.replica !== replica) return
    this.#homes.delete(id)
    this.listener?.onLeft(entity, tick)
  }

  /** What was kept of a cell while it was out of view, and is not older than its snapshot, is in view again. */
  #appear(replica: CellReplica, tick: number): void {
    for (const entity of replica.entities.values()) this.#put(replica, entity, tick)
  }

  #hide(replica: CellReplica, tick: number): void {
    for (const [id, entity] of replica.entities) this.#leave(replica, id, entity, tick)
    this.#waiting -= replica.waiting
    replica.hide(tick)
    this.#waiting += replica.waiting
    if (!replica.isWorthKeeping) this.#replicas.delete(replica.cell)
  }

  #dropWaiting(): void {
    for (const replica of this.#replicas.values()) {
      replica.takeWaiting()
      if (!this.#inView.includes(replica.cell) && !replica.isWorthKeeping) this.#replicas.delete(replica.cell)
    }
    this.#waiting = 0
  }
}
