import type { Clock } from './clock.ts'
import type { LogFields, Logger } from './logger.ts'

/** Warns of something that can happen thousands of times a second. */
export type SparseLog = (fields: LogFields, message: string) => void

const periodMs = 1_000

/**
 * A warning that is written at most once a second for each message, with the number of times it was left out, so
 * that garbage from outside cannot fill the disk. Messages are constants, which bounds what is remembered.
 *
 * @example const warn = createSparseLog(log, clock)
 */
export function createSparseLog(log: Logger, clock: Clock): SparseLog {
  const written = new Map<string, { atMs: number; suppressed: number }>()
  return (fields, message) => {
    const nowMs = clock.monotonicMs()
    const last = written.get(message)
    if (last !== undefined && nowMs - last.atMs < periodMs) {
      last.suppressed++
      return
    }
    written.set(message, { atMs: nowMs, suppressed: 0 })
    log.warn({ ...fields, ...(last === undefined ? {} : { suppressed: last.suppressed }) }, message)
  }
}
