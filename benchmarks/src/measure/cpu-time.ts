import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'

const ticksPerSecond = Number(execFileSync('getconf', ['CLK_TCK'], { encoding: 'utf8' }))

/**
 * User and system time that a process has used so far, over all of its threads, in microseconds. Resolution: one tick
 * of the kernel, as a rule 10 ms. Source: proc(5), `/proc/<pid>/stat`.
 *
 * @throws Error when there is no such process, or no /proc.
 */
export function cpuMicros(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, 'latin1')
  // The second field is the program's name in brackets, which may hold spaces.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  const [userTicks, systemTicks] = [Number(fields[11]), Number(fields[12])]
  return ((userTicks + systemTicks) / ticksPerSecond) * 1_000_000
}
