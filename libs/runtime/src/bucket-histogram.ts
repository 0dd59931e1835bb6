import type { Metric, MetricValue, Registry } from 'prom-client'
import type { Histogram, HistogramChild, Labels } from './metrics.ts'

/** What a histogram is made of. */
export interface BucketHistogramOptions {
  readonly name: string
  readonly help: string
  readonly labelNames: readonly string[]
  /** Upper bounds, growing; +Inf is added. */
  readonly buckets: readonly number[]
}

/**
 * A histogram for hot paths: an observation through a child is a search among its bounds and two additions. That of
 * prom-client checks and hashes the labels each time, which was 5 % of a busy gate's time; its registry writes this
 * one out like its own.
 */
export class BucketHistogram implements Histogram {
  readonly name: string
  readonly help: string
  readonly type = 'histogram'
  readonly aggregator = 'sum'
  readonly #labelNames: readonly string[]
  readonly #bounds: readonly number[]
  readonly #children = new Map<string, Child>()

  constructor({ name, help, labelNames, buckets }: BucketHistogramOptions) {
    this.name = name
    this.help = help
    this.#labelNames = labelNames
    this.#bounds = buckets
  }

  /** Makes a registry write this metric out. It asks for `get()` alone, which its typings do not tell. */
  registerIn(registry: Registry): this {
    registry.registerMetric(this as unknown as Metric)
    return this
  }

  observe(value: number, labels: Labels = {}): void {
    this.child(labels).observe(value)
  }

  child(labels: Labels): HistogramChild {
    const key = this.#labelNames.map((name) => labels[name] ?? '').join('\0')
    let child = this.#children.get(key)
    if (child === undefined) {
      child = new Child({ ...labels }, this.#bounds)
      this.#children.set(key, child)
    }
    return child
  }

  /** Called by the registry at each scrape. */
  get(): Promise<{
    name: string
    help: string
    type: string
    aggregator: string
    values: MetricValue<string>[]
  }> {
    const { name, help, type, aggregator } = this
    const values = [...this.#children.values()].flatMap((child) => child.values(name))
    return Promise.resolve({ name, help, type, aggregator, values })
  }
}

type Sample = MetricValue<string> & { readonly metricName: string }

/** The observations under one set of labels. */
class Child implements HistogramChild {
  readonly #labels: Labels
  readonly #bounds: readonly number[]
  /** Of each bucket alone, +Inf last; the format wants them added up. */
  readonly #counts: Float64Array
  #sum = 0

  constructor(labels: Labels, bounds: readonly number[]) {
    this.#labels = labels
    this.#bounds = bounds
    this.#counts = new Float64Array(bounds.length + 1)
  }

  observe(value: number): void {
    let bucket = 0
    while (bucket < this.#bounds.length && value > (this.#bounds[bucket] ?? 0)) bucket++
    this.#counts[bucket] = (this.#counts[bucket] ?? 0) + 1
    this.#sum += value
  }

  values(name: string): Sample[] {
    const labels = this.#labels
    let count = 0
    const buckets = [...this.#bounds, '+Inf'].map((le, index) => {
      count += this.#counts[index] ?? 0
      return { metricName: `${name}_bucket`, labels: { le, ...labels }, value: count }
    })
    return [
      ...buckets,
      { metricName: `${name}_sum`, labels, value: this.#sum },
      { metricName: `${name}_count`, labels, value: count },
    ]
  }
}
