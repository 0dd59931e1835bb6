import { execFile } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { promisify } from 'node:util'

/**
 * Resident memory of a process in bytes; `undefined` where the system does not tell, as on Windows.
 *
 * @example await processMemory(process.pid) // 61_341_696
 */
export async function processMemory(pid: number): Promise<number | undefined> {
  try {
    if (process.platform === 'linux') {
      return kibibytes(/^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1])
    }
    if (process.platform === 'win32') return undefined
    const { stdout } = await promisify(execFile)('ps', ['-o', 'rss=', '-p', String(pid)], { timeout: 2_000 })
    return kibibytes(stdout.trim())
  } catch {
    // It has ended.
    return undefined
  }
}

const kibibytes = (text: string | undefined): number | undefined =>
  text === undefined || text === '' ? undefined : Number(text) * 1_024
