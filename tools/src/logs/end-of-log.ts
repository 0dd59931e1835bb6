import type { ClusterFolder } from '../cluster/cluster-folder.ts'
import { CommandFailed } from '../cluster/control-client.ts'
import { lastLines } from './log-files.ts'
import { createFormat } from './log-line.ts'

const linesMax = 15

/** Shows what the process said last by which a command has failed, if it was one. */
export async function tellEndOfLog(
  folder: ClusterFolder,
  error: unknown,
  print: (text: string) => void,
): Promise<void> {
  if (!(error instanceof CommandFailed) || error.processName === undefined) return
  const name = error.processName
  print(`\nThe end of ${folder.logFile(name)}:\n${await endOfLog(folder, name)}`)
}

/** The last lines of a log for people. */
async function endOfLog({ logsDir }: ClusterFolder, name: string): Promise<string> {
  const format = createFormat({ color: process.stdout.isTTY, nameWidth: name.length })
  const lines = await lastLines(logsDir, name, linesMax)
  return lines.length === 0 ? '(it has written nothing)' : lines.map(format).join('\n')
}
