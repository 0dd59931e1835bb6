import {
  applySceneChange,
  HydraError,
  sceneChangeBetween,
  type SceneAction,
  type SceneChange,
  type SceneDelta,
  type SceneEntity,
  type ScenePoint,
} from '@hydra/protocol'
import { CellIndex } from './cell-index.ts'
import type { Grid } from './grid.ts'
import { CellChanges, SyncedCell } from './synced-cell.ts'

/**
 * The synchronised part of a scene: what is where, and what of that has changed, cell by cell and step by step. It knows
 * no rules, no clock and no network.
 *
 * It has two faces. The present one ({@link get}, {@link entities}, {@link entitiesIn}, {@link near}) shows each change at
 * once, for the rules. The synchronised one ({@link snapshot}, {@link digest}, {@link lastChange}) is as it was when the
 * last step ended: whoever has a snapshot and applies the deltas of later steps has the next snapshot.
 *
 * Entities are values: a change makes a new one. Memory grows with the entities and with the cells in which there ever was
 * one; what a step collects, with what it changes.
 *
 * @example
 * const state = new SceneState({ key: 7, grid: new Grid({ width: 10_000, height: 10_000, cellSize: 2_000 }) })
 * const { i } = state.add({ k: 'm', p: [100, 100], n: 'rat' })
 * state.change(i, { p: [200, 100] })
 * state.endTick() // [{ x: 7, c: 0, t: 1, p: 0, e: [{ i: 1, k: 'm', p: [200, 100], n: 'rat' }] }]
 */
export class SceneState {
  /** Which scene it is, on the wire. */
  readonly key: number
  readonly grid: Grid
  readonly #entities = new Map<number, SceneEntity>()
  readonly #index: CellIndex
  readonly #cells = new Map<number, SyncedCell>()
  /** What was touched in this step, as it was when the last one ended; `undefined`: was not there. */
  readonly #before = new Map<number, SceneEntity | undefined>()
  #actions: SceneAction[] = []
  #tick = 0
  #lastId = 0

  constructor({ key, grid }: { readonly key: number; readonly grid: Grid }) {
    this.key = key
    this.grid = grid
    this.#index = new CellIndex(grid)
  }

  /** Number of steps that have ended. */
  get tick(): number {
    return this.#tick
  }

  /** How many entities there are now. */
  get size(): number {
    return this.#entities.size
  }

  /** Puts something into the scene, under an id that nothing else has had or will have. */
  add(entity: Omit<SceneEntity, 'i'>): SceneEntity {
    const added: SceneEntity = { i: ++this.#lastId, ...entity }
    this.#before.set(added.i, undefined)
    this.#entities.set(added.i, added)
    this.#index.put(added)
    return added
  }

  /**
   * Changes components; `null` takes one away. A place in another cell moves it there.
   *
   * @throws HydraError `INTERNAL` when there is nothing of this id: the rules have kept an id for too long.
   */
  change(id: number, change: Omit<SceneChange, 'i'>): void {
    const former = this.#entities.get(id)
    if (former === undefined) {
      throw new HydraError('INTERNAL', `There is no entity ${id} in scene ${this.key} to be changed.`)
    }
    const now = applySceneChange(former, change)
    if (now === former) return
    this.#touch(former)
    this.#entities.set(id, now)
    this.#index.put(now, former)
  }

  /** Takes something out of the scene; nothing happens if it is not there. */
  remove(id: number): void {
    const former = this.#entities.get(id)
    if (former === undefined) return
    this.#touch(former)
    this.#entities.delete(id)
    this.#index.remove(former)
  }

  /**
   * Notes what was done and leaves no state behind. It goes out with the cell in which the one who acts is at the end of
   * the step, or was at its beginning, if it is gone by then; nowhere, if it was there at neither moment.
   */
  act(action: SceneAction): void {
    this.#actions.push(action)
  }

  /** What has this id now. */
  get(id: number): SceneEntity | undefined {
    return this.#entities.get(id)
  }

  /** Everything that is in the scene now. */
  entities(): Iterable<SceneEntity> {
    return this.#entities.values()
  }

  /** Everything that is in a cell now. */
  entitiesIn(cell: number): Iterable<SceneEntity> {
    return this.#index.in(cell)
  }

  /** Everything that is now at most `radius` centimetres from a point, in no particular order. */
  near(point: ScenePoint, radius: number): SceneEntity[] {
    return this.#index.near(point, radius)
  }

  /**
   * Ends a step: what has changed since the last one ended, one delta for each cell in which something has. What was
   * changed several times is told once, what is as it was before is not told.
   */
  endTick(): readonly SceneDelta[] {
    const changesByCell = this.#collect()
    this.#before.clear()
    this.#actions = []
    this.#tick += 1
    return [...changesByCell].map(([cell, changes]) => {
      const synced = this.#cells.get(cell) ?? new SyncedCell()
      this.#cells.set(cell, synced)
      return synced.advance(this.key, cell, this.#tick, changes)
    })
  }

  /** What was in a cell when the last step ended; `t` is the step of its last delta, 0 without one. */
  snapshot(cell: number): { c: number; t: number; e: SceneEntity[] } {
    return { c: cell, t: this.lastChange(cell), e: this.#cells.get(cell)?.entities() ?? [] }
  }

  /** Digest of what {@link snapshot} answers. */
  digest(cell: number): number {
    return this.#cells.get(cell)?.digest ?? 0
  }

  /** Step of the last delta of a cell; 0 before the first. */
  lastChange(cell: number): number {
    return this.#cells.get(cell)?.lastChange ?? 0
  }

  #touch(former: SceneEntity): void {
    if (!this.#before.has(former.i)) this.#before.set(former.i, former)
  }

  #collect(): Map<number, CellChanges> {
    const byCell = new Map<number, CellChanges>()
    const changesOf = (cell: number) => {
      const changes = byCell.get(cell) ?? new CellChanges()
      byCell.set(cell, changes)
      return changes
    }
    const cellOf = (entity: SceneEntity | undefined) =>
      entity === undefined ? undefined : this.grid.cellOf(entity.p)
    for (const [id, before] of this.#before) {
      const now = this.#entities.get(id)
      const [from, to] = [cellOf(before), cellOf(now)]
      if (before !== undefined && now !== undefined && from === to) {
        const change = sceneChangeBetween(before, now)
        if (change !== undefined && to !== undefined) changesOf(to).changed.push({ change, now })
        continue
      }
      if (from !== undefined) changesOf(from).gone.push(id)
      if (now !== undefined && to !== undefined) changesOf(to).entered.push(now)
    }
    for (const action of this.#actions) {
      const [id] = action
      const cell = cellOf(this.#entities.get(id) ?? this.#before.get(id))
      if (cell !== undefined) changesOf(cell).actions.push([...action])
    }
    return byCell
  }
}
