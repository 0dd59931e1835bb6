import { execFile } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { promisify } from 'node:util'
import { isProcessAlive } from '@hydra/testing'

/** A process as it is noted for others, who may read of it long after it is gone. */
export interface NotedProcess {
  readonly pid: number
  readonly mark?: string | undefined
}

const askTimeoutMs = 10_000

/**
 * What tells a process from others that had or will have its number: when it started, as the system notes it. The same
 * text each time; `undefined` when there is no such process.
 *
 * @example await markOf(process.pid) // on Linux '6e0a…:1234567'
 */
export async function markOf(pid: number): Promise<string | undefined> {
  if (process.platform === 'linux') return linuxMark(pid)
  return process.platform === 'win32'
    ? ask('powershell', ['-NoProfile', '-Command', `(Get-Process -Id ${pid}).StartTime.ToFileTimeUtc()`])
    : ask('ps', ['-o', 'lstart=', '-p', String(pid)])
}

/** Whether that very process runs. Without a mark, whether any process has its number. */
export async function isRunning({ pid, mark }: NotedProcess): Promise<boolean> {
  if (!isProcessAlive(pid)) return false
  return mark === undefined || (await markOf(pid)) === mark
}

/** Ticks since the machine started, and which start of it: numbers of processes begin anew with it. */
function linuxMark(pid: number): string | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    // The name in parentheses may contain anything; field 22 is the 20th after it.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    // It has ended, and its parent has not asked how.
    if (fields[0] === 'Z') return undefined
    const startTicks = fields[19]
    return `${readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim()}:${startTicks}`
  } catch {
    return undefined
  }
}

async function ask(command: string, args: readonly string[]): Promise<string | undefined> {
  try {
    const { stdout } = await promisify(execFile)(command, args, {
      timeout: askTimeoutMs,
      windowsHide: true,
      // Dates are written in the language of the terminal.
      env: { ...process.env, LC_ALL: 'C', TZ: 'UTC' },
    })
    return stdout.trim() === '' ? undefined : stdout.trim()
  } catch {
    return undefined
  }
}
