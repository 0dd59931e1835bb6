import type { ItemRow, LevelRow, MonsterRow, SceneRow } from './rows.ts'
import type { TableFile } from './table-file.ts'

/** A table whose rows have their form; rows that have not are `undefined`. */
export interface ReadTable<Row> {
  readonly source: TableFile
  readonly rows: readonly (Row | undefined)[]
}

/** All tables of a load. */
export interface ReadTables {
  readonly levels: ReadTable<LevelRow>
  readonly items: ReadTable<ItemRow>
  readonly monsters: ReadTable<MonsterRow>
  readonly scenes: ReadTable<SceneRow>
}

/** Tells of everything in which rows, right as each is by itself, do not fit together. */
export function checkReferences(tables: ReadTables): void {
  checkLevels(tables.levels)
  for (const table of [tables.items, tables.monsters, tables.scenes]) checkIds(table)
  const items = tables.items.source
  const monsters = tables.monsters.source
  const scenes = tables.scenes.source

  for (const [row, item] of tables.items.rows.entries()) {
    for (const [index, given] of (item?.use?.items ?? []).entries()) {
      const path = ['use', 'items', index, 'item']
      if (!items.mayHave(given.item)) items.wrong(row, path, unknown('item', given.item))
    }
  }
  for (const [row, monster] of tables.monsters.rows.entries()) {
    for (const [index, { item }] of (monster?.loot ?? []).entries()) {
      if (!items.mayHave(item)) monsters.wrong(row, ['loot', index, 'item'], unknown('item', item))
    }
  }
  for (const [row, scene] of tables.scenes.rows.entries()) {
    for (const [index, { monster }] of (scene?.spawns ?? []).entries()) {
      const path = ['spawns', index, 'monster']
      if (!monsters.mayHave(monster)) scenes.wrong(row, path, unknown('monster', monster))
    }
    for (const [index, { to }] of (scene?.portals ?? []).entries()) {
      if (!scenes.mayHave(to)) scenes.wrong(row, ['portals', index, 'to'], unknown('scene', to))
    }
  }
  checkPlaces(tables.scenes)
}

/** A level is found by its place in the list, so that none may be left out. */
function checkLevels({ source, rows }: ReadTable<LevelRow>): void {
  for (const [row, level] of rows.entries()) {
    if (level === undefined) continue
    const expected = row + 1
    if (level.level !== expected) {
      source.wrong(
        row,
        ['level'],
        `is wrong: expected ${expected}; the rows are the levels 1, 2, 3 and so on`,
      )
    }
    const isLast = expected === rows.length
    if (level.exp === undefined && !isLast) {
      source.wrong(row, ['exp'], 'is missing: expected the experience that leads to the next level')
    }
    if (level.exp !== undefined && isLast) {
      source.wrong(row, ['exp'], 'is wrong: expected none, because no level comes after the last one')
    }
  }
}

function checkIds({ source, rows }: ReadTable<{ readonly id: string }>): void {
  const firstRows = new Map<string, number>()
  for (const [row, value] of rows.entries()) {
    if (value === undefined) continue
    const first = firstRows.get(value.id)
    if (first === undefined) firstRows.set(value.id, row)
    else source.wrong(row, ['id'], `is wrong: expected an id of its own; row ${first + 1} has this one`)
  }
}

function checkPlaces({ source, rows }: ReadTable<SceneRow>): void {
  const byId = new Map(rows.flatMap((row) => (row === undefined ? [] : [[row.id, row]])))
  for (const [row, scene] of rows.entries()) {
    if (scene === undefined) continue
    const inside = (path: readonly PropertyKey[], at: Point, of: SceneRow | undefined) => {
      if (of === undefined || (at.x < of.width && at.y < of.height)) return
      const bounds = `x below ${of.width} and y below ${of.height}`
      source.wrong(row, path, `is wrong: expected a place inside of the scene "${of.id}", ${bounds}`)
    }
    inside(['start'], scene.start, scene)
    for (const [index, { at, to, arriveAt }] of scene.portals.entries()) {
      inside(['portals', index, 'at'], at, scene)
      inside(['portals', index, 'arriveAt'], arriveAt, byId.get(to))
    }
    for (const [index, { at }] of scene.spawns.entries()) inside(['spawns', index, 'at'], at, scene)
  }
}

type Point = Readonly<{ x: number; y: number }>

const unknown = (what: string, id: string): string =>
  `is wrong: expected the id of a row of ${what}s.json; there is no ${what} "${id}"`
