import type { SceneEntity, ScenePoint } from '@hydra/protocol'
import type { Grid } from './grid.ts'

/** Entities by the cell in which they are at this moment. Cells in which nothing is take no memory. */
export class CellIndex {
  readonly #grid: Grid
  readonly #cells = new Map<number, Map<number, SceneEntity>>()

  constructor(grid: Grid) {
    this.#grid = grid
  }

  /** Puts an entity in, or its latest value in the place of `former`. */
  put(entity: SceneEntity, former?: SceneEntity): void {
    const cell = this.#grid.cellOf(entity.p)
    if (former !== undefined && this.#grid.cellOf(former.p) !== cell) this.remove(former)
    const entities = this.#cells.get(cell)
    if (entities === undefined) this.#cells.set(cell, new Map([[entity.i, entity]]))
    else entities.set(entity.i, entity)
  }

  /** Takes an entity out, by the value that was put in last. */
  remove({ i, p }: SceneEntity): void {
    const cell = this.#grid.cellOf(p)
    const entities = this.#cells.get(cell)
    entities?.delete(i)
    if (entities?.size === 0) this.#cells.delete(cell)
  }

  /** What is in a cell. */
  in(cell: number): Iterable<SceneEntity> {
    return this.#cells.get(cell)?.values() ?? []
  }

  /** What is at most `radius` centimetres from a point. */
  near([x, y]: ScenePoint, radius: number): SceneEntity[] {
    const found: SceneEntity[] = []
    const radiusSquared = radius * radius
    for (const entities of this.#touching(x, y, radius)) {
      for (const entity of entities.values()) {
        const dx = entity.p[0] - x
        const dy = entity.p[1] - y
        if (dx * dx + dy * dy <= radiusSquared) found.push(entity)
      }
    }
    return found
  }

  /** The inhabited cells that the square around the circle touches. */
  *#touching(x: number, y: number, radius: number): Iterable<Map<number, SceneEntity>> {
    const grid = this.#grid
    const [left, right] = [grid.columnOf(x - radius), grid.columnOf(x + radius)]
    const [top, bottom] = [grid.rowOf(y - radius), grid.rowOf(y + radius)]
    // A large circle in a scene of few inhabitants: all of them are fewer than the cells to look into.
    if ((right - left + 1) * (bottom - top + 1) > this.#cells.size) {
      yield* this.#cells.values()
      return
    }
    for (let row = top; row <= bottom; row++) {
      for (let column = left; column <= right; column++) {
        const entities = this.#cells.get(row * grid.columns + column)
        if (entities !== undefined) yield entities
      }
    }
  }
}
