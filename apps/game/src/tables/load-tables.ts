import { join } from 'node:path'
import { deepFreeze } from '@hydra/runtime'
import type { z } from 'zod'
import { checkReferences, type ReadTable } from './check-references.ts'
import { tablesInvalid, type Mistake } from './mistakes.ts'
import { itemRow, levelRow, monsterRow, sceneRow } from './rows.ts'
import { readTableFile, type TableFile } from './table-file.ts'
import type { Tables } from './tables.ts'

/**
 * Reads the design tables of a folder: `levels.json`, `items.json`, `monsters.json`, `scenes.json`, each a list of
 * rows in the form of `rows.ts`. They are read once, and nothing of them can be changed.
 *
 * @throws HydraError `CONFIG_INVALID` that tells of every mistake with its file, line, row and field, so that all can be
 * mended in one go; the first twenty of very many.
 * @example const tables = loadTables('data/tables')
 */
export function loadTables(directory: string): Tables {
  const mistakes: Mistake[] = []
  const read = <S extends z.ZodType>(name: string, schema: S): ReadTable<z.output<S>> => {
    const source = readTableFile(join(directory, `${name}.json`), (mistake) => mistakes.push(mistake))
    return { source, rows: source.rows.map((_, row) => parsedRow(source, row, schema)) }
  }
  const files = {
    levels: read('levels', levelRow),
    items: read('items', itemRow),
    monsters: read('monsters', monsterRow),
    scenes: read('scenes', sceneRow),
  }
  for (const name of ['levels', 'scenes'] as const) {
    const { source } = files[name]
    if (source.isRead && source.rows.length === 0) {
      mistakes.push({ file: source.file, problem: 'is empty: expected at least one row' })
    }
  }
  checkReferences(files)
  if (mistakes.length > 0) throw tablesInvalid(inOrder(mistakes))

  const { levels, items, monsters, scenes } = files
  return deepFreeze({
    levels: present(levels.rows),
    items: frozenMap(items.rows),
    monsters: frozenMap(monsters.rows),
    scenes: frozenMap(scenes.rows),
  })
}

function parsedRow<S extends z.ZodType>(source: TableFile, row: number, schema: S): z.output<S> | undefined {
  const value = source.rows[row]
  const result = schema.safeParse(value)
  if (result.success) return result.data
  for (const issue of result.error.issues) {
    if (issue.code === 'unrecognized_keys') {
      for (const key of issue.keys)
        source.wrong(row, [...issue.path, key], 'is no field that this table knows')
    } else source.wrong(row, issue.path, problemOf(issue, value))
  }
  return undefined
}

function problemOf(issue: z.core.$ZodIssue, row: unknown): string {
  const isMissing = issue.path.length > 0 && issue.code !== 'custom' && at(row, issue.path) === undefined
  const expectation = issue.message
    .replace(/^Invalid (input|option|string): /, '')
    .replace(/, received undefined$/, '')
  return `is ${isMissing ? 'missing' : 'wrong'}: ${expectation}`
}

const at = (value: unknown, path: readonly PropertyKey[]): unknown =>
  path.reduce<unknown>(
    (inner, key) =>
      typeof inner === 'object' && inner !== null ? (inner as Record<PropertyKey, unknown>)[key] : undefined,
    value,
  )

/** File by file and line by line, as a designer goes through them. */
function inOrder(mistakes: readonly Mistake[]): readonly Mistake[] {
  const files = [...new Set(mistakes.map(({ file }) => file))]
  return files.flatMap((name) =>
    mistakes.filter(({ file }) => file === name).toSorted((a, b) => (a.line ?? 0) - (b.line ?? 0)),
  )
}

const present = <T>(rows: readonly (T | undefined)[]): readonly T[] => rows.filter((row) => row !== undefined)

/** By id, and as frozen as its rows: freezing a map by itself leaves its entries open. */
function frozenMap<Row extends { readonly id: string }>(
  rows: readonly (Row | undefined)[],
): ReadonlyMap<string, Row> {
  const map = new Map(present(rows).map((row) => [row.id, deepFreeze(row)]))
  const refuse = () => {
    throw new TypeError('Design tables cannot be changed while a game runs.')
  }
  return Object.assign(map, { set: refuse, delete: refuse, clear: refuse })
}
