import type { Histogram } from '@hydra/bots'
import { milliseconds } from './progress-line.ts'

const barChars = 40
/** Upper ends of the rows, in milliseconds. */
const rowEnds = [0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 50, 100, 200, 500, 1_000, 2_000, 5_000, 10_000, 30_000]

/**
 * A histogram as lines of text, one for each range of durations between the shortest and the longest. As exact as its
 * buckets are: to a tenth.
 *
 * @example for (const line of histogramRows(stats.allLatencies())) console.log(line)
 */
export function histogramRows(histogram: Histogram): readonly string[] {
  const ends = [...rowEnds, Number.POSITIVE_INFINITY]
  const counts = ends.map(() => 0)
  for (const { upToMs, count } of histogram.buckets()) {
    const row = ends.findIndex((endMs) => upToMs <= endMs * 1.05)
    counts[row] = (counts[row] ?? 0) + count
  }
  const first = counts.findIndex((count) => count > 0)
  const last = counts.findLastIndex((count) => count > 0)
  const most = Math.max(...counts)
  const countChars = most.toLocaleString('en').length
  return counts.slice(first, last + 1).map((count, index) => {
    const row = first + index
    const endMs = ends[row] ?? 0
    const range = Number.isFinite(endMs)
      ? `up to ${milliseconds(endMs).padStart(5)} ms`
      : ` over ${milliseconds(ends[row - 1] ?? 0).padStart(5)} ms`
    // Whatever is there is to be seen.
    const bar = '#'.repeat(count === 0 ? 0 : Math.max(1, Math.round((count / most) * barChars)))
    const share = ((count / histogram.count) * 100).toFixed(1)
    return `${range}  ${bar.padEnd(barChars)}  ${count.toLocaleString('en').padStart(countChars)}  ${share.padStart(5)} %`
  })
}
