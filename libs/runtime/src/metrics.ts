import { collectDefaultMetrics, Counter as PromCounter, Gauge as PromGauge, Registry } from 'prom-client'
import { BucketHistogram } from './bucket-histogram.ts'
import { observeProcess } from './process-metrics.ts'

/** Label values of one observation; the names are those given when the metric was made. */
export type Labels = Readonly<Record<string, string>>

/** Only grows. */
export interface Counter {
  inc(labels?: Labels, by?: number): void
  /** The counter of one set of labels, for hot paths: counting through it costs an addition. */
  child(labels: Labels): CounterChild
}

/** A counter whose labels are settled. */
export interface CounterChild {
  inc(by?: number): void
}

/** Goes up and down. */
export interface Gauge {
  set(value: number, labels?: Labels): void
}

/** Counts observations in buckets. */
export interface Histogram {
  observe(value: number, labels?: Labels): void
  /** The histogram of one set of labels, for hot paths. */
  child(labels: Labels): HistogramChild
}

/** A histogram whose labels are settled. */
export interface HistogramChild {
  observe(value: number): void
}

/**
 * Name (`hydra_<area>_<what>[_<unit>]`, a counter's ends in `_total`), one sentence of help, label names. A label's
 * values are few and settled by the program, never by a client: tools/src/observability/label-bounds.ts names them.
 */
export interface MetricOptions {
  readonly name: string
  readonly help: string
  readonly labels?: readonly string[]
}

/** One value of a metric with labels. */
export interface LabelledValue {
  readonly labels: Labels
  readonly value: number
}

/** What a gauge is asked for at each scrape. */
export type Collected = number | readonly LabelledValue[]
type Collect = () => Collected | Promise<Collected>

/** One metric as it was made. */
export interface MetricDescription {
  readonly name: string
  readonly type: 'counter' | 'gauge' | 'histogram'
  readonly help: string
  readonly labels: readonly string[]
}

/**
 * The metrics of one service. Making a metric twice under one name yields the same one.
 *
 * @example
 * const refused = metrics.counter({ name: 'hydra_gate_refused_total', help: 'Refused requests.', labels: ['code'] })
 * refused.inc({ code: 'RATE_LIMITED' })
 */
export interface Metrics {
  /**
   * `known` are label sets that are exported from the start, as 0. Without them the first event of a kind is no growth to
   * Prometheus, because it sees the series begin with it: name those that an alert is about.
   */
  counter(options: MetricOptions & { readonly known?: readonly Labels[] }): Counter
  /**
   * With `collect`, the value is asked for at each scrape instead of being set; for a gauge with labels, one value for
   * each set of labels that there is. Made again, the newest `collect` answers: what the former one asked is gone, for
   * example a connection that was given up.
   */
  gauge(options: MetricOptions & { readonly collect?: Collect }): Gauge
  /** Buckets are upper bounds in the metric's unit; latency buckets in seconds when absent. */
  histogram(options: MetricOptions & { readonly buckets?: readonly number[] }): Histogram
  /** All metrics in the Prometheus text format. */
  expose(): Promise<string>
  /** What was made so far, those included that have no value yet; the process' defaults are not. */
  describe(): readonly MetricDescription[]
}

const latencyBucketsSeconds = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10]

/** Metrics on a registry of their own, with the process' defaults when asked. @example createMetrics({ service: 'gate' }) */
export function createMetrics(options: {
  readonly service: string
  readonly processMetrics?: boolean
}): Metrics {
  const registry = new Registry()
  registry.setDefaultLabels({ service: options.service })
  if (options.processMetrics === true) collectDefaultMetrics({ register: registry })

  const made = new Map<string, Counter | Gauge | Histogram>()
  const collectors = new Map<string, Collect>()
  const descriptions: MetricDescription[] = []
  const once = <T extends Counter | Gauge | Histogram>(
    type: MetricDescription['type'],
    { name, help, labels = [] }: MetricOptions,
    make: () => T,
  ): T => {
    const known = made.get(name) as T | undefined
    if (known !== undefined) return known
    const metric = make()
    made.set(name, metric)
    descriptions.push({ name, type, help, labels })
    return metric
  }
  const base = ({ name, help, labels = [] }: MetricOptions) => ({
    name,
    help,
    labelNames: [...labels],
    registers: [registry],
  })

  const metrics: Metrics = {
    counter: (metric) =>
      once('counter', metric, () => {
        const children = new Map<string, CountingChild>()
        const counter: PromCounter = new PromCounter({
          ...base(metric),
          collect() {
            for (const child of children.values()) counter.inc(child.labels, child.take())
          },
        })
        for (const labels of metric.known ?? []) counter.inc(labels, 0)
        return {
          inc: (labels = {}, by = 1) => counter.inc(labels, by),
          child(labels) {
            const key = (metric.labels ?? []).map((label) => labels[label] ?? '').join('\0')
            const child = children.get(key) ?? new CountingChild(labels)
            children.set(key, child)
            return child
          },
        }
      }),
    gauge(metric) {
      if (metric.collect !== undefined) collectors.set(metric.name, metric.collect)
      return once('gauge', metric, () => {
        const gauge: PromGauge = new PromGauge({
          ...base(metric),
          collect: () => collectInto(gauge, collectors.get(metric.name)),
        })
        return { set: (value, labels = {}) => gauge.set(labels, value) }
      })
    },
    histogram: (metric) =>
      once('histogram', metric, () => {
        const { labelNames, name, help } = base(metric)
        const buckets = metric.buckets ?? latencyBucketsSeconds
        return new BucketHistogram({ name, help, labelNames, buckets }).registerIn(registry)
      }),
    expose: () => registry.metrics(),
    describe: () => descriptions,
  }
  if (options.processMetrics === true) observeProcess(metrics)
  return metrics
}

async function collectInto(gauge: PromGauge, collect: Collect | undefined): Promise<void> {
  if (collect === undefined) return
  const collected = await collect()
  if (typeof collected === 'number') return gauge.set(collected)
  // What is not there any more must not stay at its last value.
  gauge.reset()
  for (const { labels, value } of collected) gauge.set(labels, value)
}

/** Adds up between two scrapes, and hands the sum to prom-client at the next. */
class CountingChild implements CounterChild {
  readonly labels: Labels
  #count = 0

  constructor(labels: Labels) {
    this.labels = labels
  }

  inc(by = 1): void {
    this.#count += by
  }

  take(): number {
    const count = this.#count
    this.#count = 0
    return count
  }
}
