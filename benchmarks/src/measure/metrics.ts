/** The metrics of a service at a moment, as its operations endpoint writes them. */
export type Metrics = ReadonlyMap<string, number>

/**
 * Reads the metrics of a service: each line by its name with labels, without the label `service` that all have.
 *
 * @throws Error when nothing answers there.
 */
export async function readMetrics(opsPort: number): Promise<Metrics> {
  const answer = await fetch(`http://127.0.0.1:${opsPort}/metrics`)
  if (!answer.ok) throw new Error(`/metrics answered ${answer.status}.`)
  const lines = (await answer.text()).split('\n').filter((line) => line !== '' && !line.startsWith('#'))
  return new Map(
    lines.map((line) => {
      const end = line.lastIndexOf(' ')
      const name = line
        .slice(0, end)
        .replace(/service="[^"]*",?/, '')
        .replace(/\{,?\}|,(?=\})/, '')
      return [name, Number(line.slice(end + 1))]
    }),
  )
}

/** By how much a counter has grown between two readings; all of its label sets together. */
export function grown(before: Metrics, after: Metrics, name: string): number {
  return sum(after, name) - sum(before, name)
}

function sum(metrics: Metrics, name: string): number {
  let total = 0
  for (const [key, value] of metrics) if (key === name || key.startsWith(`${name}{`)) total += value
  return total
}

/**
 * A quantile of what a histogram has observed between two readings, interpolated within its bucket as Prometheus does;
 * `Infinity` above the last bound, `NaN` when nothing was observed.
 */
export function quantileBetween(before: Metrics, after: Metrics, name: string, share: number): number {
  const bounds = new Map<number, number>()
  for (const key of after.keys()) {
    const bound = key.startsWith(`${name}_bucket{`) ? /le="([^"]+)"/.exec(key)?.[1] : undefined
    if (bound === undefined) continue
    const le = bound === '+Inf' ? Infinity : Number(bound)
    bounds.set(le, (bounds.get(le) ?? 0) + (after.get(key) ?? 0) - (before.get(key) ?? 0))
  }
  const sorted = [...bounds].sort(([a], [b]) => a - b)
  const total = sorted.at(-1)?.[1] ?? 0
  if (total === 0) return Number.NaN
  const wanted = total * share
  let [lower, below] = [0, 0]
  for (const [upper, count] of sorted) {
    if (count >= wanted) {
      return upper === Infinity ? Infinity : lower + ((upper - lower) * (wanted - below)) / (count - below)
    }
    ;[lower, below] = [upper, count]
  }
  return Infinity
}
