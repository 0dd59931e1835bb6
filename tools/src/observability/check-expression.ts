import type { Catalogue, CatalogueMetric } from './catalogue.ts'
import { readPromql, type Selector } from './promql.ts'

/** Metrics of others, with their labels. */
export interface ForeignMetric {
  readonly name: string
  readonly labels: readonly string[]
}

/** What an expression is checked against. */
export interface Known {
  readonly catalogue: Catalogue
  readonly foreign: readonly ForeignMetric[]
}

/** What Prometheus adds to everything, and the label that all metrics of Hydra have. */
const everywhere = ['service', 'instance', 'job']
/** What a counter makes sense in; `unless` asks whether it was there before. */
const overCounters = new Set(['rate', 'irate', 'increase', 'resets', 'changes', 'unless'])

/**
 * What in a PromQL expression does not fit what the services export: metrics and labels that there are not, those that
 * the named service does not have, histograms read without `_bucket`, `_sum` or `_count`, counters that are read bare
 * and gauges that are read as counters. Empty when all fits.
 */
export function misfits(expression: string, known: Known): readonly string[] {
  const { selectors, groupings } = readPromql(expression)
  const found: string[] = []
  const usable = new Set<string>(everywhere)
  for (const selector of selectors) {
    const { metric, labels } = selector
    const foreign = known.foreign.find(({ name }) => name === metric)
    const own = foreign === undefined ? seriesOf(metric, known.catalogue) : undefined
    if (foreign === undefined && own === undefined) {
      found.push(`nothing exports ${metric}`)
      continue
    }
    const has = [...everywhere, ...(foreign?.labels ?? own?.labels ?? [])]
    for (const label of has) usable.add(label)
    for (const label of labels) if (!has.includes(label)) found.push(`${metric} has no label ${label}`)
    if (own !== undefined) found.push(...misuses(selector, own))
  }
  for (const label of groupings) if (!usable.has(label)) found.push(`no metric here has the label ${label}`)
  return found
}

type Series = Pick<CatalogueMetric, 'labels' | 'services'> & { readonly grows: boolean }

/** The series of a name: of the metric itself, or of one of the three that a histogram has. */
function seriesOf(name: string, { metrics }: Catalogue): Series | undefined {
  const plain = metrics.find((metric) => metric.name === name && metric.type !== 'histogram')
  if (plain !== undefined) return { ...plain, grows: plain.type === 'counter' }
  const [, base, part] = /^(.*)_(bucket|sum|count)$/.exec(name) ?? []
  const histogram = metrics.find((metric) => metric.name === base && metric.type === 'histogram')
  if (histogram === undefined) return undefined
  return { ...histogram, labels: [...histogram.labels, ...(part === 'bucket' ? ['le'] : [])], grows: true }
}

function misuses({ metric, within, equal }: Selector, { services, grows }: Series): string[] {
  const { service } = equal
  const isElsewhere = service !== undefined && !(services as readonly string[]).includes(service)
  const isRate = within === 'rate' || within === 'irate' || within === 'increase'
  return [
    ...(isElsewhere ? [`${service} does not export ${metric}`] : []),
    ...(grows && !overCounters.has(within) ? [`${metric} only grows; read it through rate or increase`] : []),
    ...(!grows && isRate ? [`${metric} goes up and down; ${within} makes no sense of it`] : []),
  ]
}
