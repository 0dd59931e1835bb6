import { readFileSync } from 'node:fs'

/**
 * Memory of a process that is in RAM, in bytes. Source: proc(5), `VmRSS` of `/proc/<pid>/status`.
 *
 * @throws Error when there is no such process, or no /proc.
 */
export function residentBytes(pid: number): number {
  const kibibytes = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]
  if (kibibytes === undefined) throw new Error(`/proc/${pid}/status does not tell VmRSS.`)
  return Number(kibibytes) * 1_024
}
