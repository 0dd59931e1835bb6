import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { services } from '@hydra/protocol'
import { describe, expect, it } from 'vitest'
import { readAlertRules } from './alert-rules.ts'
import { readCatalogue } from './catalogue.ts'
import { misfits } from './check-expression.ts'
import { foreignMetrics } from './foreign-metrics.ts'
import { readPromql } from './promql.ts'

const root = join(import.meta.dirname, '../../..')
const rules = readAlertRules(join(root, 'data/observability/prometheus/alerts.yml'))
const known = { catalogue: readCatalogue(root), foreign: foreignMetrics }
const backends = ['mysql', 'redis', 'nats', 'etcd']
/** What `{{ $labels.x }}` of a runbook's address can become. */
const labelValues: Readonly<Record<string, readonly string[]>> = {
  service: services,
  check: backends,
}

describe.each(rules)('the alert $alert', ({ expr, annotations }) => {
  it('asks for what the services export', () => expect(misfits(expr, known)).toEqual([]))

  it('names only labels that its metrics have', () => {
    const labels = new Set(['service', 'instance'])
    for (const { metric } of readPromql(expr).selectors) {
      const base = metric.replace(/_(bucket|sum|count)$/, '')
      const all = [...known.catalogue.metrics, ...known.foreign]
      for (const { name, labels: own } of all)
        if ([metric, base].includes(name)) for (const label of own) labels.add(label)
    }
    for (const text of Object.values(annotations)) {
      for (const [, label = ''] of text.matchAll(/\$labels\.(\w+)/g)) expect([...labels]).toContain(label)
    }
  })

  it('links to runbooks that are there', async () => {
    const [file = '', anchor = ''] = annotations.runbook_url.split('#')
    // An address without an anchor is the page.
    const anchors = [...headingAnchors(await readFile(join(root, file), 'utf8')), '']
    const [, label] = /\{\{ \$labels\.(\w+) \}\}/.exec(anchor) ?? []
    const variants = label === undefined ? [''] : (labelValues[label] ?? [])
    expect(variants).not.toEqual([])
    for (const value of variants) {
      expect(anchors).toContain(anchor.replace(/\{\{ \$labels\.\w+ \}\}/, value))
    }
  })
})

it('names of alerts are unique', () => {
  const names = rules.map(({ alert }) => alert)
  expect(new Set(names).size).toBe(names.length)
})

const headingAnchors = (markdown: string): readonly string[] =>
  [...markdown.matchAll(/^#+ (.*)$/gm)].map(([, heading = '']) =>
    heading
      .toLowerCase()
      .replaceAll(/[^a-z0-9 -]/g, '')
      .replaceAll(' ', '-'),
  )
