import { copyFile, readdir, stat, truncate } from 'node:fs/promises'
import { join } from 'node:path'

/** A log that has grown beyond this is begun anew; what it had is kept beside it until the next time. */
export const logBytesMax = 8 * 1_024 * 1_024

/**
 * Begins logs that are full anew, and keeps what they had as `<name>.log.1`. They are emptied in place, since processes
 * hold them open and add to them; what is written in the moment between copying and emptying is lost.
 *
 * @example await rotateLogs('.hydra/cluster/logs')
 */
export async function rotateLogs(logsDir: string, bytesMax: number = logBytesMax): Promise<void> {
  for (const name of await readdir(logsDir)) {
    if (!name.endsWith('.log')) continue
    const file = join(logsDir, name)
    const { size } = await stat(file)
    if (size <= bytesMax) continue
    await copyFile(file, `${file}.1`)
    await truncate(file)
  }
}
