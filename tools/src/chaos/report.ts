import type { Leftovers } from './aftermath.ts'
import { findingKinds, type Finding } from './ledger.ts'

/** One kill and what followed. Times are in milliseconds from the start of the new process. */
export interface Kill {
  readonly round: number
  readonly victim: string
  /** Between the kill and the start of the new process. */
  readonly downMs: number
  /** Until the new process said that it was ready. */
  readonly readyMs: number
  /** Until a player, of a hundred 99, and every one had an update acknowledged that was sent after the start. */
  readonly backP50Ms: number
  readonly backP99Ms: number
  readonly backMaxMs: number
  /** Who was not back when the wait ended. */
  readonly missing: readonly string[]
  /** Between the kill and the moment when everybody was back. */
  readonly acknowledged: number
  readonly failed: number
  readonly failedByCode: Readonly<Record<string, number>>
}

/** What a run answers. */
export interface ChaosReport {
  readonly seed: number
  readonly clients: number
  readonly rounds: number
  readonly tookMs: number
  readonly backLimitMs: number
  readonly kills: readonly Kill[]
  /** Updates of the whole run. */
  readonly acknowledged: number
  readonly failed: number
  readonly findings: readonly Finding[]
  /** Errors that no client may be answered with, as `CODE: message`. */
  readonly defects: readonly string[]
  /** Who could not log out at the end, and why. */
  readonly stranded: readonly string[]
  readonly leftovers: Leftovers
}

/** What is wrong with a run, a line each; none when all promises were kept. */
export function complaints(report: ChaosReport): string[] {
  const { kills, findings, defects, stranded, leftovers, backLimitMs } = report
  const late = kills.filter(({ missing, backMaxMs }) => missing.length > 0 || backMaxMs > backLimitMs)
  return [
    ...findings.map(({ kind, player, what }) => `${kind}: ${player}: ${what}`),
    ...late.map(
      ({ round, victim, backMaxMs, missing }) =>
        `not back within ${backLimitMs} ms: ${victim} in round ${round}: ` +
        (missing.length > 0 ? `still missing: ${missing.join(', ')}` : `${Math.round(backMaxMs)} ms`),
    ),
    ...defects.map((defect) => `answered to a client: ${defect}`),
    ...stranded.map((who) => `could not log out: ${who}`),
    ...leftovers.keys.map((key) => `left in Redis: ${key}`),
  ]
}

const columns: readonly (readonly [string, (kill: Kill) => string])[] = [
  ['round', ({ round }) => String(round)],
  ['victim', ({ victim }) => victim],
  ['down ms', ({ downMs }) => whole(downMs)],
  ['ready ms', ({ readyMs }) => whole(readyMs)],
  ['back p50 ms', ({ backP50Ms }) => whole(backP50Ms)],
  ['p99 ms', ({ backP99Ms }) => whole(backP99Ms)],
  [
    'max ms',
    ({ backMaxMs, missing }) => (missing.length > 0 ? `${missing.length} missing` : whole(backMaxMs)),
  ],
  ['acknowledged', ({ acknowledged }) => whole(acknowledged)],
  ['failed', ({ failed }) => whole(failed)],
  [
    'by code',
    ({ failedByCode }) =>
      Object.entries(failedByCode)
        .map(([code, count]) => `${code} ${count}`)
        .join(', '),
  ],
]

/** The heads of the table's columns. */
export const killHeads = (): string => columns.map(([head], index) => pad(head, index)).join('  ')

/** A kill as a line of the table. */
export const killLine = (kill: Kill): string =>
  columns.map(([, textOf], index) => pad(textOf(kill), index)).join('  ')

/** The end of a report: totals, and what is wrong, the first of it in words. */
export function summary(report: ChaosReport, complaintsMax = 50): string {
  const { acknowledged, failed, findings, clients, kills, tookMs, seed } = report
  const wrong = complaints(report)
  const counts = findingKinds.map(
    (kind) => `${kind} ${findings.filter((finding) => finding.kind === kind).length}`,
  )
  const slowestMs = Math.max(...kills.map(({ backMaxMs }) => backMaxMs))
  return [
    `${clients} clients, ${kills.length} kills in ${whole(tookMs / 1_000)} s, seed ${seed}`,
    `updates: acknowledged ${whole(acknowledged)}, failed attempts ${whole(failed)}, ${counts.join(', ')}`,
    `slowest return ${whole(slowestMs)} ms; left in Redis: ${report.leftovers.keys.length}, presences ${report.leftovers.presences}`,
    ...wrong.slice(0, complaintsMax),
    ...(wrong.length > complaintsMax ? [`… and ${wrong.length - complaintsMax} more`] : []),
    wrong.length === 0 ? 'PASSED' : `FAILED: ${wrong.length}`,
  ].join('\n')
}

const whole = (value: number): string => Math.round(value).toLocaleString('en')

function pad(text: string, index: number): string {
  if (index === columns.length - 1) return text
  return index === 1 ? text.padEnd(6) : text.padStart(columns[index]?.[0].length ?? 0)
}
