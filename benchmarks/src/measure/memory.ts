import { readFileSync } from 'node:fs'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'

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

/** Memory of this process when all that can be freed has been, in bytes. */
export interface SettledMemory {
  /** In RAM: also what the allocator keeps for later. */
  readonly resident: number
  /** What is referenced, on the heap and outside of it. */
  readonly live: number
}

/** Collects all garbage, then reads. */
export function settledMemory(): SettledMemory {
  setFlagsFromString('--expose-gc')
  const collect = runInNewContext('gc') as () => void
  // Twice: what the first collection finalises is freed by the second.
  collect()
  collect()
  const { heapUsed, external } = process.memoryUsage()
  return { resident: residentBytes(process.pid), live: heapUsed + external }
}
