import { createHistogram } from 'node:perf_hooks'
import type { BenchRole } from './bench-role.ts'

/** What was answered while it was measured. */
export interface Answers {
  readonly count: number
  readonly perSecond: number
  readonly p50Ms: number
  readonly p99Ms: number
}

/**
 * Keeps so many changes under way, spread evenly over the roles: each answer is followed by the next change of the same
 * role, or of the next one when there are more roles than changes under way.
 */
export async function closedLoop(
  roles: readonly BenchRole[],
  inFlight: number,
  measureMs: number,
  write: (role: BenchRole) => Promise<void>,
): Promise<Answers> {
  const latencies = createHistogram()
  const lanes = inFlight
  let count = 0
  const startMs = performance.now()
  const endMs = startMs + measureMs
  const lane = async (first: number) => {
    for (let index = first; ; index = index + lanes < roles.length ? index + lanes : first) {
      const role = roles[index % roles.length]
      const beginMs = performance.now()
      if (role === undefined || beginMs >= endMs) return
      await write(role)
      const answeredMs = performance.now()
      latencies.record(Math.max(1, Math.round((answeredMs - beginMs) * 1_000)))
      if (answeredMs < endMs) count++
    }
  }
  await Promise.all(Array.from({ length: lanes }, (_, index) => lane(index)))
  return {
    count,
    perSecond: count / (measureMs / 1_000),
    p50Ms: latencies.percentile(50) / 1_000,
    p99Ms: latencies.percentile(99) / 1_000,
  }
}
