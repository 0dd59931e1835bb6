import { readFileSync } from 'node:fs'
import { basename } from 'node:path'
import { evaluate, parse, type ValueNode } from '@humanwhocodes/momoa'
import type { Mistake } from './mistakes.ts'

type Path = readonly PropertyKey[]

/**
 * A table as it stands in its file: rows that nobody has looked at yet, and where each of their fields is.
 *
 * @example const items = readTableFile('data/tables/items.json', (mistake) => mistakes.push(mistake))
 */
export class TableFile {
  readonly file: string
  readonly rows: readonly unknown[]
  /** Whether it could be read at all. */
  readonly isRead: boolean
  readonly #nodes: readonly ValueNode[]
  readonly #ids: ReadonlySet<string>
  readonly #report: (mistake: Mistake) => void

  constructor(file: string, nodes: readonly ValueNode[] | undefined, report: (mistake: Mistake) => void) {
    this.file = file
    this.isRead = nodes !== undefined
    this.#nodes = nodes ?? []
    this.rows = this.#nodes.map((node) => evaluate(node))
    this.#ids = new Set(this.rows.map(idOf).filter((id) => id !== undefined))
    this.#report = report
  }

  /** Tells of a mistake in a row, counted from 0; `path` is empty for one of the whole row. */
  wrong(row: number, path: Path, problem: string): void {
    const node = this.#nodes[row]
    const line = node === undefined ? undefined : lineOf(node, path)
    const field = path.length === 0 ? undefined : path.map(String).join('.')
    this.#report({ file: this.file, line, row: row + 1, id: idOf(this.rows[row]), field, problem })
  }

  /**
   * Whether a row has this id, also one that is wrong otherwise; of a table that could not be read, every row may. So one
   * mistake is not told of once more by each row that refers to where it is.
   */
  mayHave(id: string): boolean {
    return !this.isRead || this.#ids.has(id)
  }
}

/** Reads a table. What cannot be read as one is told of and has no rows. */
export function readTableFile(file: string, report: (mistake: Mistake) => void): TableFile {
  const none = (problem: string, line?: number) => {
    report({ file, line, problem })
    return new TableFile(file, undefined, report)
  }
  let text: string
  try {
    text = readFileSync(file, 'utf8')
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown reason'
    const why = code === 'ENOENT' ? 'does not exist' : `cannot be read (${code})`
    return none(`the file ${why}; expected the rows of the table "${basename(file, '.json')}"`)
  }
  let body: ValueNode
  try {
    // Some editors begin a file with a byte order mark.
    body = parse(text.replace(/^\uFEFF/, ''), { mode: 'json' }).body
  } catch (error) {
    const { message, line, column } = error as Error & { readonly line?: number; readonly column?: number }
    const reason = message.replace(/\.? \(\d+:\d+\)$/, '')
    return none(`is not valid JSON at line ${line}, column ${column}: ${reason}`, line)
  }
  if (body.type !== 'Array') return none('is wrong: expected a list of rows, [{ … }, { … }]')
  const table = new TableFile(
    file,
    body.elements.map(({ value }) => value),
    report,
  )
  for (const [row, { value }] of body.elements.entries())
    refuseTwice(value, [], (path) => {
      table.wrong(row, path, 'stands there twice; only one of them can be meant')
    })
  return table
}

/** JSON lets a field stand twice and the last one win: whoever reads the first one is misled. */
function refuseTwice(node: ValueNode, path: Path, report: (path: Path) => void): void {
  if (node.type === 'Array') {
    for (const [index, { value }] of node.elements.entries()) refuseTwice(value, [...path, index], report)
  }
  if (node.type !== 'Object') return
  const seen = new Set<string>()
  for (const { name, value } of node.members) {
    const key = name.type === 'String' ? name.value : name.name
    if (seen.has(key)) report([...path, key])
    seen.add(key)
    refuseTwice(value, [...path, key], report)
  }
}

/** The line of a field, or of what it is missing in. */
function lineOf(row: ValueNode, path: Path): number {
  let node: ValueNode = row
  for (const key of path) {
    const inner = innerOf(node, key)
    if (inner === undefined) break
    node = inner
  }
  return node.loc.start.line
}

function innerOf(node: ValueNode, key: PropertyKey): ValueNode | undefined {
  if (node.type === 'Array') return node.elements[Number(key)]?.value
  if (node.type !== 'Object') return undefined
  return node.members.findLast(({ name }) => (name.type === 'String' ? name.value : name.name) === key)?.value
}

function idOf(row: unknown): string | undefined {
  if (typeof row !== 'object' || row === null) return undefined
  const { id, level } = row as { readonly id?: unknown; readonly level?: unknown }
  if (typeof id === 'string') return id
  return typeof level === 'number' ? `level ${level}` : undefined
}
