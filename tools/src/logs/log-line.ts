import { logLevels, type LogLevel } from '@hydra/runtime'
import { prettyFactory } from 'pino-pretty'
import { z } from 'zod'

/** A line of a log. */
export interface LogLine {
  /** Of the process that wrote it: `gate-1`, `mysql`. */
  readonly name: string
  readonly text: string
  /** When it was written, as far as it says so; else when the line before it was. */
  readonly timeMs: number
  /** As far as it says so. */
  readonly level: LogLevel | undefined
}

const fieldsSchema = z.object({
  time: z.string().optional(),
  /** etcd calls it so. */
  ts: z.string().optional(),
  level: z.string().optional(),
  msg: z.string().optional(),
})

/** How MariaDB, NATS and Redis write their levels. */
const plainLevels: readonly (readonly [RegExp, LogLevel])[] = [
  [/\[(ERROR|ERR|FTL)\]/, 'error'],
  [/\[(Warning|WRN)\]|^\d+:[A-Z] .{20,30} # /, 'warn'],
  [/\[(Note|INF)\]|^\d+:[A-Z] .{20,30} \* /, 'info'],
]
/** `2026-11-28  5:51:09`, `2026/11/28 05:51:09.123`, `28 Nov 2026 05:51:09.123`. */
const plainTime = /(\d{4}[-/]\d\d[-/]\d\d|\d\d [A-Z][a-z]{2} \d{4}) +(\d?\d:\d\d:\d\d(\.\d+)?)/

/**
 * Understands what services (pino's JSON) and servers (their own forms) write.
 *
 * @param formerMs time of the line before it
 */
export function parseLogLine(name: string, text: string, formerMs: number): LogLine {
  const fields = fieldsOf(text)
  if (fields !== undefined) {
    const timeMs = Date.parse(fields.time ?? fields.ts ?? '')
    const level = logLevels.find((known) => known === fields.level)
    return { name, text, timeMs: Number.isNaN(timeMs) ? formerMs : timeMs, level }
  }
  const [, date, time] = plainTime.exec(text.slice(0, 60)) ?? []
  const timeMs = Date.parse(`${date?.replaceAll('-', '/')} ${time?.padStart(8, '0')}`)
  const [, level] = plainLevels.find(([form]) => form.test(text)) ?? []
  return { name, text, timeMs: Number.isNaN(timeMs) ? formerMs : timeMs, level }
}

/** Whether a line is at least of a level. Lines that tell no level are parts of others, such as stacks: they count. */
export const isAtLeast = ({ level }: LogLine, least: LogLevel): boolean =>
  level === undefined || logLevels.indexOf(level) >= logLevels.indexOf(least)

/** How lines are written for people. */
export interface FormatOptions {
  readonly color: boolean
  /** Names are written in a column of this width. */
  readonly nameWidth: number
}

/** @example const format = createFormat({ color: false, nameWidth: 6 }); format(line) // 'game-1 05:51:09.123 INFO: ready …' */
export function createFormat({ color, nameWidth }: FormatOptions): (line: LogLine) => string {
  const pretty = prettyFactory({
    colorize: color,
    translateTime: 'SYS:HH:MM:ss.l',
    ignore: 'pid,hostname,service',
    singleLine: true,
  })
  return ({ name, text }) => {
    const shown = fieldsOf(text)?.msg === undefined ? text : pretty(text).trimEnd()
    return `${name.padEnd(nameWidth)} ${shown}`
  }
}

function fieldsOf(text: string): z.output<typeof fieldsSchema> | undefined {
  if (!text.startsWith('{')) return undefined
  try {
    return fieldsSchema.parse(JSON.parse(text))
  } catch {
    // Half a line, or something else that begins with a brace.
    return undefined
  }
}
