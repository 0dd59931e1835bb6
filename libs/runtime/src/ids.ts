import { randomFillSync } from 'node:crypto'
import { v7 as uuidV7 } from 'uuid'
import type { Clock } from './clock.ts'

/** Makes ids that no other process makes. */
export interface Ids {
  /** Letters, digits, `-` and `_`, at most 36; later ids sort after earlier ones, which keeps B-tree inserts local. */
  next(): string
}

/** Ids as UUID version 7 (RFC 9562): 48 bits of milliseconds, then randomness. @example createIds(systemClock).next() */
export function createIds(clock: Clock): Ids {
  return { next: () => uuidV7({ msecs: clock.nowMs(), random: randomFillSync(new Uint8Array(16)) }) }
}

/** Ids `prefix-1`, `prefix-2` …, for tests that compare whole values. */
export function createCountingIds(prefix: string): Ids {
  let count = 0
  return { next: () => `${prefix}-${++count}` }
}
