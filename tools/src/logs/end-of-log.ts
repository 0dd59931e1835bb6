import type { ClusterFolder } from '../cluster/cluster-folder.ts'
import { lastLines } from './log-files.ts'
import { createFormat } from './log-line.ts'

const linesMax = 15

/** The last lines of a log for people, for the message of a failure. */
export async function endOfLog({ logsDir }: ClusterFolder, name: string): Promise<string> {
  const format = createFormat({ color: process.stdout.isTTY, nameWidth: name.length })
  const lines = await lastLines(logsDir, name, linesMax)
  return lines.length === 0 ? '(it has written nothing)' : lines.map(format).join('\n')
}
