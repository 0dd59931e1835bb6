import { HydraError } from '@hydra/protocol'

/** One thing that is wrong with the design tables, said so that a designer finds and mends it. */
export interface Mistake {
  /** Path of the file. */
  readonly file: string
  /** Line in the file, from 1 on. */
  readonly line?: number | undefined
  /** Row of the table, from 1 on. */
  readonly row?: number | undefined
  /** What the row calls itself. */
  readonly id?: string | undefined
  /** Path inside of the row, such as `use.items.0.item`. */
  readonly field?: string | undefined
  /** What is wrong, and what is expected instead. */
  readonly problem: string
}

/** So many mistakes are told of at one time: somebody who has broken more has broken one thing many times. */
export const mistakesShown = 20

/**
 * All mistakes of one load as one error, a line for each; its metadata are those of the first.
 *
 * @example throw tablesInvalid([{ file: 'data/tables/items.json', row: 3, id: 'gem', field: 'price', problem: '…' }])
 */
export function tablesInvalid(mistakes: readonly Mistake[], cause?: unknown): HydraError {
  const shown = mistakes.slice(0, mistakesShown).map((mistake) => `\n  ${sentenceOf(mistake)}`)
  const rest = mistakes.length - shown.length
  const count = mistakes.length === 1 ? 'a mistake' : `${mistakes.length} mistakes`
  const more = rest > 0 ? `\n  and ${rest} more` : ''
  const [first] = mistakes
  const metadata = Object.fromEntries(
    Object.entries(first ?? {}).filter((entry): entry is [string, string | number] => entry[1] !== undefined),
  )
  return new HydraError('CONFIG_INVALID', `The design tables have ${count}:${shown.join('')}${more}`, {
    cause,
    metadata: { ...metadata, mistakes: mistakes.length },
  })
}

function sentenceOf({ file, line, row, id, field, problem }: Mistake): string {
  const where = line === undefined ? file : `${file}:${line}`
  const which = row === undefined ? '' : `, row ${row}${id === undefined ? '' : ` (${id})`}`
  return `${where}${which}: ${field === undefined ? '' : `"${field}" `}${problem}`
}
