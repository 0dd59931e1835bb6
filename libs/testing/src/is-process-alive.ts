import { readFileSync } from 'node:fs'

/**
 * Whether a process runs. One that has ended and whose parent has not yet asked for its exit code does not, although
 * signals can still be sent to it.
 *
 * @example await eventually(() => !isProcessAlive(pid))
 */
export const isProcessAlive = (pid: number): boolean => {
  try {
    if (process.platform !== 'linux') return process.kill(pid, 0)
    // The name in parentheses may contain anything, the state follows the last one.
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    return !/^[ZX]/.test(stat.slice(stat.lastIndexOf(')') + 2))
  } catch {
    return false
  }
}
