import { isErrorCode, type ErrorCode } from '@hydra/protocol'
import type { BotsOutcome } from './run-bots.ts'

/** What a request is answered with by servers that could not do their work; the rest are answers of the game. */
const failureCodes: ReadonlySet<ErrorCode> = new Set([
  'TIMEOUT',
  'SERVER_BUSY',
  'SERVER_GONE',
  'NO_SERVER',
  'SHUTTING_DOWN',
  'STORAGE_UNAVAILABLE',
  'CONNECTION_CLOSED',
])

const namesShown = 5

/** Refusals by code, those of the game apart from those that say that something did not work. */
export function sortRefusals(refusals: Readonly<Record<string, number>>): {
  readonly refused: readonly (readonly [code: string, count: number])[]
  readonly failed: readonly (readonly [code: ErrorCode, count: number])[]
} {
  const byCount = Object.entries(refusals).sort(([, a], [, b]) => b - a)
  const isFailure = (code: string): code is ErrorCode => isErrorCode(code) && failureCodes.has(code)
  return {
    refused: byCount.filter(([code]) => !isFailure(code)),
    failed: byCount.flatMap(([code, count]) => (isFailure(code) ? [[code, count] as const] : [])),
  }
}

/** What was not as it should be, a sentence each; none when all is well. */
export function complaintsOf(outcome: BotsOutcome, tolerated: ReadonlySet<ErrorCode>): readonly string[] {
  const figures = outcome.stats.figures()
  const { failed } = sortRefusals(figures.refusals)
  const untolerated = failed.filter(([code]) => !tolerated.has(code))
  const count = untolerated.reduce((sum, [, each]) => sum + each, 0)
  const { missing, logoutFailures } = outcome
  return [
    ...(missing.length === 0
      ? []
      : [`${missing.length} of ${missing.length + outcome.arrived} bots did not arrive: ${some(missing)}.`]),
    ...(count === 0
      ? []
      : [
          `${count} ${count === 1 ? 'request' : 'requests'} failed: ${untolerated.map(([code, each]) => `${code} ${each}`).join(', ')}.`,
        ]),
    ...(figures.defects === 0
      ? []
      : [`Defects: ${figures.defects}: ${some(outcome.stats.defects.map(String))}`]),
    ...(logoutFailures.length === 0
      ? []
      : [`${logoutFailures.length} of the bots could not log out: ${some(logoutFailures)}`]),
  ]
}

const some = (items: readonly string[]): string =>
  `${items.slice(0, namesShown).join('; ')}${items.length > namesShown ? ' …' : ''}`
