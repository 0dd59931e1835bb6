import type { ScenePoint } from '@hydra/protocol'

/** So much of a cell beyond its border one is still taken to be in it, see {@link Grid.recentred}. */
const hysteresis = 0.1

/** Size of a scene and of its cells, in centimetres. */
export interface GridSize {
  readonly width: number
  readonly height: number
  readonly cellSize: number
}

/**
 * A scene divided into square cells, the units in which changes are sent. Cells are numbered row by row:
 * `row * columns + column`; those at the far edges may be smaller.
 *
 * @example new Grid({ width: 20_000, height: 10_000, cellSize: 2_000 }).cellOf([2_500, 0]) // 1
 */
export class Grid {
  readonly width: number
  readonly height: number
  readonly cellSize: number
  readonly columns: number
  readonly rows: number
  /** How many cells there are. */
  readonly cells: number

  constructor({ width, height, cellSize }: GridSize) {
    this.width = width
    this.height = height
    this.cellSize = cellSize
    this.columns = Math.max(1, Math.ceil(width / cellSize))
    this.rows = Math.max(1, Math.ceil(height / cellSize))
    this.cells = this.columns * this.rows
  }

  /** Whether the point lies in the scene; its edges belong to it. */
  contains([x, y]: ScenePoint): boolean {
    return x >= 0 && y >= 0 && x <= this.width && y <= this.height
  }

  /** The cell of a point; of one outside the scene the nearest cell. */
  cellOf([x, y]: ScenePoint): number {
    return this.rowOf(y) * this.columns + this.columnOf(x)
  }

  /** Column of an x-coordinate, kept within the grid. */
  columnOf(x: number): number {
    return Math.min(Math.max(Math.floor(x / this.cellSize), 0), this.columns - 1)
  }

  /** Row of a y-coordinate, kept within the grid. */
  rowOf(y: number): number {
    return Math.min(Math.max(Math.floor(y / this.cellSize), 0), this.rows - 1)
  }

  /** The cell and its neighbours, at most nine, in ascending order: what one sees from there. */
  around(cell: number): readonly number[] {
    const column = cell % this.columns
    const row = Math.floor(cell / this.columns)
    const cells: number[] = []
    for (let r = Math.max(row - 1, 0); r <= Math.min(row + 1, this.rows - 1); r++) {
      for (let c = Math.max(column - 1, 0); c <= Math.min(column + 1, this.columns - 1); c++) {
        cells.push(r * this.columns + c)
      }
    }
    return cells
  }

  /**
   * The cell from which somebody at `point` sees who saw from `centre` until now: another one only when the point is more
   * than a tenth of a cell beyond the border. Walking along a border does not change the view with each step.
   */
  recentred(point: ScenePoint, centre: number): number {
    const { cellSize, columns } = this
    const slack = cellSize * hysteresis
    const left = (centre % columns) * cellSize
    const top = Math.floor(centre / columns) * cellSize
    const isNear = (value: number, from: number) => value >= from - slack && value <= from + cellSize + slack
    return isNear(point[0], left) && isNear(point[1], top) ? centre : this.cellOf(point)
  }
}
