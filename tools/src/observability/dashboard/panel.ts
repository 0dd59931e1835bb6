/** One line, or family of lines, of a panel. */
export interface Query {
  readonly expr: string
  /** Grafana's legend: `{{label}}` stands for its value. */
  readonly legend: string
}

/** What a panel shows. */
export interface Panel {
  readonly title: string
  /** What to make of it, for whoever is woken up by it. */
  readonly description: string
  /** A unit of Grafana: `short`, `s`, `bytes`, `Bps`, `reqps`, `percentunit` … */
  readonly unit: string
  readonly queries: readonly Query[]
  /** Lines over time when absent. */
  readonly kind?: 'stat'
  readonly isStacked?: boolean
}

/** Panels under a heading that can be folded. */
export interface Row {
  readonly title: string
  readonly panels: readonly Panel[]
}

const chosen = 'service=~"$service", instance=~"$instance"'

/** A metric of the chosen services and instances. @example of('hydra_gate_kicks_total', 'reason!="SHUTDOWN"') */
export const of = (metric: string, matchers = ''): string =>
  `${metric}{${chosen}${matchers === '' ? '' : `, ${matchers}`}}`

/** Sum of a gauge by labels. */
export const sum = (metric: string, by: string, matchers = ''): string =>
  `sum by (${by}) (${of(metric, matchers)})`

/** How much a counter grows in a second, by labels. */
export const perSecond = (metric: string, by: string, matchers = ''): string =>
  `sum by (${by}) (rate(${of(metric, matchers)}[$__rate_interval]))`

/** A quantile of a histogram, by labels. */
export const quantile = (q: number, metric: string, by: string): string =>
  `histogram_quantile(${q}, sum by (le, ${by}) (rate(${of(`${metric}_bucket`)}[$__rate_interval])))`

/** The usual two quantiles of a histogram. */
export const latency = (metric: string, by: string): readonly Query[] => {
  const legend = by
    .split(', ')
    .map((label) => `{{${label}}}`)
    .join(' ')
  return [0.5, 0.99].map((q) => ({
    expr: quantile(q, metric, by),
    legend: `p${q * 100} ${legend}`,
  }))
}
