import { cpus } from 'node:os'

/** One line of a result: what was measured, and its figures by column. */
export interface Row {
  readonly name: string
  readonly figures: Readonly<Record<string, number>>
}

/** What a benchmark answers. */
export interface Report {
  readonly benchmark: string
  readonly rows: readonly Row[]
}

/** The machine that figures belong to. */
export const machine = (): string =>
  `${cpus()[0]?.model ?? 'unknown CPU'}, ${cpus().length} cores, Node.js ${process.versions.node}`

/** A report as a table of text. */
export function asTable({ benchmark, rows }: Report): string {
  const columns = [...new Set(rows.flatMap(({ figures }) => Object.keys(figures)))]
  const lines = [
    [benchmark, ...columns],
    ...rows.map(({ name, figures }) => [name, ...columns.map((column) => asText(figures[column]))]),
  ]
  const widths = lines[0]?.map((_, index) => Math.max(...lines.map((line) => line[index]?.length ?? 0))) ?? []
  return lines
    .map((line) =>
      line
        .map((cell, index) => (index === 0 ? cell.padEnd(widths[0] ?? 0) : cell.padStart(widths[index] ?? 0)))
        .join('  '),
    )
    .join('\n')
}

function asText(figure: number | undefined): string {
  if (figure === undefined) return ''
  return figure >= 1_000 ? Math.round(figure).toLocaleString('en') : figure.toFixed(2)
}
