import type { ErrorCode, HydraError } from '@hydra/protocol'
import { Histogram } from './histogram.ts'

/** What is counted by itself: things that happened to bots. */
export const botEvents = ['reconnects', 'resumed', 'steps', 'kills', 'loot', 'messages', 'arrivals'] as const
/** One of {@link botEvents}. */
export type BotEvent = (typeof botEvents)[number]

/** Defects kept; further ones are only counted. */
const defectsMax = 20

/** A plain copy of the figures, for tables and JSON. */
export interface BotFigures {
  /** Requests that were answered, refusals included. */
  readonly requests: number
  readonly p50Ms: number
  readonly p90Ms: number
  readonly p99Ms: number
  readonly maxMs: number
  readonly pushes: number
  readonly defects: number
  readonly routes: Readonly<
    Record<string, { count: number; p50Ms: number; p90Ms: number; p99Ms: number; maxMs: number }>
  >
  readonly refusals: Readonly<Record<string, number>>
  readonly pushesByName: Readonly<Record<string, number>>
  readonly events: Readonly<Record<BotEvent, number>>
}

/**
 * What a bot, or a crowd of them, has done and seen. Its size depends on how many routes, codes and pushes there are, not
 * on how long a bot plays.
 *
 * @example console.log(bot.stats.figures().p99Ms)
 */
export class BotStats {
  /** Time from a request to its answer or refusal, by route. */
  readonly latencies = new Map<string, Histogram>()
  /** Refused and failed requests, by code. */
  readonly refusals = new Map<ErrorCode, number>()
  /** Pushes received, by name. */
  readonly pushes = new Map<string, number>()
  readonly events: Record<BotEvent, number> = {
    reconnects: 0,
    resumed: 0,
    steps: 0,
    kills: 0,
    loot: 0,
    messages: 0,
    arrivals: 0,
  }
  /** The first errors that no honest client may be answered with: what no contract says and no retry mends. */
  readonly defects: HydraError[] = []
  #defectCount = 0

  answered(route: string, ms: number): void {
    this.#latencyOf(route).note(ms)
  }

  refused(code: ErrorCode): void {
    increase(this.refusals, code, 1)
  }

  pushed(name: string): void {
    increase(this.pushes, name, 1)
  }

  happened(event: BotEvent, times = 1): void {
    this.events[event] += times
  }

  defect(error: HydraError): void {
    this.#defectCount++
    if (this.defects.length < defectsMax) this.defects.push(error)
  }

  /** Adds what another one has counted. */
  add(other: BotStats): void {
    for (const [route, histogram] of other.latencies) this.#latencyOf(route).add(histogram)
    for (const [code, count] of other.refusals) increase(this.refusals, code, count)
    for (const [name, count] of other.pushes) increase(this.pushes, name, count)
    for (const event of botEvents) this.events[event] += other.events[event]
    this.defects.push(...other.defects.slice(0, defectsMax - this.defects.length))
    this.#defectCount += other.#defectCount
  }

  /** Time from a request to its answer or refusal, over all routes. */
  allLatencies(): Histogram {
    const all = new Histogram()
    for (const histogram of this.latencies.values()) all.add(histogram)
    return all
  }

  /** A plain copy of the figures. */
  figures(): BotFigures {
    const all = this.allLatencies()
    return {
      requests: all.count,
      ...quantiles(all),
      pushes: [...this.pushes.values()].reduce((sum, count) => sum + count, 0),
      defects: this.#defectCount,
      routes: Object.fromEntries(
        [...this.latencies].map(([route, each]) => [route, { count: each.count, ...quantiles(each) }]),
      ),
      refusals: Object.fromEntries(this.refusals),
      pushesByName: Object.fromEntries(this.pushes),
      events: { ...this.events },
    }
  }

  #latencyOf(route: string): Histogram {
    const known = this.latencies.get(route)
    if (known !== undefined) return known
    const histogram = new Histogram()
    this.latencies.set(route, histogram)
    return histogram
  }
}

const quantiles = (histogram: Histogram) => ({
  p50Ms: histogram.quantile(0.5),
  p90Ms: histogram.quantile(0.9),
  p99Ms: histogram.quantile(0.99),
  maxMs: histogram.maxMs,
})

function increase<K>(counts: Map<K, number>, key: K, by: number): void {
  counts.set(key, (counts.get(key) ?? 0) + by)
}
