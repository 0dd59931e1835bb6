import { botEvents } from '@hydra/bots'
import { histogramRows } from './histogram-rows.ts'
import type { BotsOptions } from './options.ts'
import { clockTime, milliseconds } from './progress-line.ts'
import type { BotsOutcome } from './run-bots.ts'
import { complaintsOf, sortRefusals } from './verdict.ts'

/** What a report is about. */
export interface ReportInput {
  readonly options: BotsOptions
  readonly httpUrl: string
  readonly outcome: BotsOutcome
}

const number = (value: number) => value.toLocaleString('en')

/** The end of a run for a person. */
export function reportText({ options, httpUrl, outcome }: ReportInput): string {
  const { stats, accountStats, arrived, elapsedMs } = outcome
  const figures = stats.figures()
  const { refused, failed } = sortRefusals(figures.refusals)
  const codes = (of: readonly (readonly [string, number])[]) =>
    of.length === 0 ? 'none' : of.map(([code, count]) => `${code} ${number(count)}`).join(', ')
  const complaints = complaintsOf(outcome, options.tolerated)
  const head = `${options.bots} bots, script ${options.script}, against ${httpUrl}, ${clockTime(elapsedMs)}`
  return [
    `${head}\nagain with --seed ${options.seed} --name ${options.namePrefix}`,
    routeTable(outcome),
    ...(figures.requests === 0
      ? []
      : [
          [
            `all requests: ${number(figures.requests)}, ${number(Math.round((figures.requests * 1_000) / elapsedMs))} per second`,
            ...histogramRows(stats.allLatencies()),
          ].join('\n'),
        ]),
    [
      `events    ${botEvents.map((event) => `${event} ${number(figures.events[event])}`).join(', ')}`,
      `pushes    ${number(figures.pushes)}`,
      `refused   ${codes(refused)}`,
      `failed    ${codes(failed)}`,
      `accounts  ${codes(Object.entries(accountStats.figures().refusals))}`,
      `defects   ${figures.defects}${stats.defects.map((each) => `\n  ${String(each)}`).join('')}`,
    ].join('\n'),
    complaints.length === 0
      ? `All ${arrived} bots arrived, played and logged out; nothing failed that should not.`
      : complaints.join('\n'),
    '',
  ].join('\n\n')
}

/** The end of a run for a program. */
export function reportJson({ options, httpUrl, outcome }: ReportInput): string {
  const { stats, accountStats } = outcome
  const complaints = complaintsOf(outcome, options.tolerated)
  const report = {
    httpUrl,
    bots: options.bots,
    script: options.script,
    seed: options.seed,
    name: options.namePrefix,
    elapsedMs: Math.round(outcome.elapsedMs),
    arrived: outcome.arrived,
    missing: outcome.missing,
    ...stats.figures(),
    histogram: [...stats.allLatencies().buckets()],
    accounts: { routes: accountStats.figures().routes, refusals: accountStats.figures().refusals },
    defectMessages: stats.defects.map(String),
    logoutFailures: outcome.logoutFailures,
    ok: complaints.length === 0,
    complaints,
  }
  return `${JSON.stringify(report, undefined, 2)}\n`
}

function routeTable({ stats, accountStats, elapsedMs }: BotsOutcome): string {
  const routes = [accountStats, stats].flatMap((each) => Object.entries(each.figures().routes))
  const heads = ['route', 'count', 'per s', 'p50 ms', 'p90 ms', 'p99 ms', 'max ms']
  const rows = routes
    .sort(([, a], [, b]) => b.count - a.count)
    .map(([route, { count, p50Ms, p90Ms, p99Ms, maxMs }]) =>
      [route, number(count), ((count * 1_000) / elapsedMs).toFixed(1)].concat(
        [p50Ms, p90Ms, p99Ms, maxMs].map(milliseconds),
      ),
    )
  const widths = heads.map((head, column) =>
    Math.max(head.length, ...rows.map((row) => (row[column] ?? '').length)),
  )
  const line = (cells: readonly string[]) =>
    cells
      .map((cell, column) =>
        column === 0 ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0),
      )
      .join('  ')
  return [heads, ...rows].map(line).join('\n')
}
