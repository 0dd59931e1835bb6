import type { DatabaseKind } from './database.ts'
import { mysqlText } from './mysql-text.ts'

/** A value of a row. */
export type Value = string | number | null
/** Values in the order of the columns. */
export type Row = readonly Value[]

/**
 * An insert of many rows, put together by hand: a builder's tree of thousands of values costs more than the query. MySQL
 * gets the values in the text, because mysql2 would write its parameters into it as well, only slower.
 *
 * @param onConflict what follows the rows
 * @example insertRows('sqlite', 'pairs', ['a', 'b'], [[1, 'x']], 'on conflict do nothing')
 */
export function insertRows(
  kind: DatabaseKind,
  table: string,
  columns: readonly string[],
  rows: readonly Row[],
  onConflict: string,
): { readonly text: string; readonly parameters: readonly Value[] } {
  const toText = kind === 'mysql' ? literals : placeholders
  const values = rows.map(toText).join(', ')
  return {
    text: `insert into ${table} (${columns.join(', ')}) values ${values} ${onConflict}`,
    parameters: kind === 'mysql' ? [] : rows.flat(),
  }
}

const placeholders = (row: Row): string => `(${row.map(() => '?').join(', ')})`
const literals = (row: Row): string => `(${row.map(literal).join(', ')})`
const literal = (value: Value): string =>
  typeof value === 'string' ? mysqlText(value) : value === null ? 'null' : String(Number(value))
