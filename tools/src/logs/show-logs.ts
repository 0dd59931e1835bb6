import { setTimeout as sleep } from 'node:timers/promises'
import { exitCode, logLevels, type LogLevel } from '@hydra/runtime'
import { ClusterError } from '../cluster/cluster-error.ts'
import { clusterFolder } from '../cluster/cluster-folder.ts'
import { usageCode } from '../cluster/wanted.ts'
import { FollowedLog } from './follow-log.ts'
import { inOrder, lastLines, matchingLogs, parseLines } from './log-files.ts'
import { createFormat, isAtLeast, type LogLine } from './log-line.ts'

/** What is shown, and how. */
export interface ShowLogsOptions {
  readonly dir?: string | undefined
  readonly names: readonly string[]
  readonly lines: string
  readonly level?: string | undefined
  readonly follow: boolean
  readonly json: boolean
  readonly color: boolean
  readonly print: (text: string) => void
  /** Ends the following; nothing does when absent. */
  readonly signal?: AbortSignal
}

const linesMax = 100_000
const lookEveryMs = 200
/** The width of the names' column when logs may still appear. */
const usualNameWidth = 10

/** Prints logs of the local cluster. @throws ClusterError */
export async function showLogs(options: ShowLogsOptions): Promise<number> {
  const { logsDir } = clusterFolder(options.dir)
  const count = linesOf(options.lines)
  const level = levelOf(options.level)
  const { names, unknown } = await matchingLogs(logsDir, options.names)
  if (unknown.length > 0 || names.length === 0) {
    const { names: all } = await matchingLogs(logsDir, [])
    if (all.length === 0)
      throw new ClusterError('No cluster has run here, so there is no log.', exitCode.unavailable)
    throw new ClusterError(`There is no log of ${unknown.join(', ')}. There are: ${all.join(', ')}.`)
  }
  const widths = [...names.map(({ length }) => length), ...(options.follow ? [usualNameWidth] : [])]
  const format = createFormat({ color: options.color, nameWidth: Math.max(...widths) })
  const show = (lines: readonly LogLine[]): void => {
    for (const line of lines) options.print(options.json ? line.text : format(line))
  }
  const isMeant = (line: LogLine): boolean => level === undefined || isAtLeast(line, level)

  const followed = new Map<string, FollowedLog>()
  for (const name of names) followed.set(name, await FollowedLog.fromEnd(logsDir, name))
  // With a level, lines have to be read until there are enough of it: as many as there are.
  const wanted = level === undefined ? count : linesMax
  const past = await Promise.all(names.map((name) => lastLines(logsDir, name, wanted)))
  show(count === 0 ? [] : inOrder(past.flat().filter(isMeant)).slice(-count))
  if (!options.follow) return exitCode.stopped

  const { signal } = options
  const isOver = (): boolean => signal?.aborted === true
  while (!isOver()) {
    // Logs of processes that were started meanwhile, too.
    for (const name of (await matchingLogs(logsDir, options.names)).names) {
      if (!followed.has(name)) followed.set(name, FollowedLog.fromStart(logsDir, name))
    }
    const added = await Promise.all(
      [...followed].map(async ([name, log]) => parseLines(name, await log.read(), Date.now())),
    )
    show(inOrder(added.flat().filter(isMeant)))
    await sleep(lookEveryMs, undefined, signal === undefined ? {} : { signal }).catch(() => undefined)
  }
  return exitCode.stopped
}

function linesOf(text: string): number {
  const lines = Number(text)
  if (/^\d+$/.test(text) && lines <= linesMax) return lines
  throw new ClusterError(`--lines is "${text}"; expected a number from 0 to ${linesMax}.`, usageCode)
}

function levelOf(text: string | undefined): LogLevel | undefined {
  if (text === undefined) return undefined
  const level = logLevels.find((known) => known === text)
  if (level !== undefined) return level
  throw new ClusterError(`--level is "${text}"; expected one of ${logLevels.join(', ')}.`, usageCode)
}
