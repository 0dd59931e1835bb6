import { collectDefaultMetrics, Counter as PromCounter, Gauge as PromGauge, Registry } from 'prom-client'
import { BucketHistogram } from './bucket-histogram.ts'

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

/** Name (Prometheus style, unit last: `hydra_rpc_call_seconds`), one sentence of help, label names. */
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

/**
 * The metrics of one service. Making a metric twice under one name yields the same one.
 *
 * @example
 * const refused = metrics.counter({ name: 'hydra_gate_refused_total', help: 'Refused requests.', labels: ['code'] })
 * refused.inc({ code: 'RATE_LIMITED' })
 */
export interface Metrics {
  counter(options: MetricOptions): Counter
  /**
   * With `collect`, the value is asked for at each scrape instead of being set; for a gauge with labels, one value for
   * each set of labels that there is.
   */
  gauge(options: MetricOptions & { readonly collect?: () => number | readonly LabelledValue[] }): Gauge
  /** Buckets are upper bounds in the metric's unit; latency buckets in seconds when absent. */
  histogram(options: MetricOptions & { readonly buckets?: readonly number[] }): Histogram
  /** All metrics in the Prometheus text format. */
  expose(): Promise<string>
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
  const once = <T extends Counter | Gauge | Histogram>(name: string, make: () => T): T => {
    const metric = (made.get(name) as T | undefined) ?? make()
    made.set(name, metric)
    return metric
  }
  const base = ({ name, help, labels = [] }: MetricOptions) => ({
    name,
    help,
    labelNames: [...labels],
    registers: [registry],
  })

  return {
    counter: (metric) =>
      once(metric.name, () => {
        const children = new Map<string, CountingChild>()
        const counter: PromCounter = new PromCounter({
          ...base(metric),
          collect() {
            for (const child of children.values()) counter.inc(child.labels, child.take())
          },
        })
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
    gauge: (metric) =>
      once(metric.name, () => {
        const { collect } = metric
        const gauge: PromGauge = new PromGauge({
          ...base(metric),
          ...(collect === undefined ? {} : { collect: (): void => setAll(gauge, collect()) }),
        })
        return { set: (value, labels = {}) => gauge.set(labels, value) }
      }),
    histogram: (metric) =>
      once(metric.name, () => {
        const { labelNames, name, help } = base(metric)
        const buckets = metric.buckets ?? latencyBucketsSeconds
        return new BucketHistogram({ name, help, labelNames, buckets }).registerIn(registry)
      }),
    expose: () => registry.metrics(),
  }
}

function setAll(gauge: PromGauge, collected: number | readonly LabelledValue[]): void {
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
