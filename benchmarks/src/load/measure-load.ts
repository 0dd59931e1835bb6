import { cpuMicros } from '../measure/cpu-time.ts'
import { ClosedLoop, type LoadShape, type LoadTarget } from './closed-loop.ts'

/** How long to warm up and to measure, in milliseconds. */
export interface Duration {
  readonly warmUpMs: number
  readonly measureMs: number
}

/** What one load cost and how it was served. */
export interface LoadFigures {
  /** CPU microseconds for each request, by name of the process. */
  readonly cpu: Readonly<Record<string, number>>
  /** Their sum. */
  readonly cpuTotal: number
  readonly requests: number
  readonly perSecond: number
  readonly p50Ms: number
  readonly p99Ms: number
}

/** Puts load on a target and reads what it costs the processes that serve it. */
export async function measureLoad(
  target: LoadTarget,
  shape: LoadShape,
  pids: Readonly<Record<string, number>>,
  { warmUpMs, measureMs }: Duration,
): Promise<LoadFigures> {
  const loop = new ClosedLoop(target)
  try {
    await loop.open(shape)
    loop.start()
    await loop.measure(warmUpMs)
    const before = readCpu(pids)
    const { requests, seconds, latenciesMs } = await loop.measure(measureMs)
    const after = readCpu(pids)
    const cpu = Object.fromEntries(
      Object.keys(pids).map((name) => [name, ((after[name] ?? 0) - (before[name] ?? 0)) / requests]),
    )
    latenciesMs.sort()
    const quantile = (share: number) => latenciesMs[Math.floor(latenciesMs.length * share)] ?? 0
    return {
      cpu,
      cpuTotal: Object.values(cpu).reduce((sum, micros) => sum + micros, 0),
      requests,
      perSecond: requests / seconds,
      p50Ms: quantile(0.5),
      p99Ms: quantile(0.99),
    }
  } finally {
    loop.close()
  }
}

const readCpu = (pids: Readonly<Record<string, number>>): Record<string, number> =>
  Object.fromEntries(Object.entries(pids).map(([name, pid]) => [name, cpuMicros(pid)]))
