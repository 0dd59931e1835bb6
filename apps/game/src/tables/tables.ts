import type { ItemRow, LevelRow, MonsterRow, SceneRow } from './rows.ts'

/** The design tables of a game, read once at start and frozen: see `load-tables.ts`. */
export interface Tables {
  /** By level, from 1 on: the row of level `n` is `levels[n - 1]`. */
  readonly levels: readonly LevelRow[]
  readonly items: ReadonlyMap<string, ItemRow>
  readonly monsters: ReadonlyMap<string, MonsterRow>
  /** In the order of the file: the first is where new roles begin. */
  readonly scenes: ReadonlyMap<string, SceneRow>
}
