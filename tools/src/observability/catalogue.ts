import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Service } from '@hydra/protocol'
import type { MetricDescription } from '@hydra/runtime'
import * as z from 'zod'
import type { Family } from './exposition.ts'
import { processDefaults } from './process-defaults.ts'
import { unitOf } from './naming.ts'

/** Where the catalogue is kept, from the root of the workspace. */
export const cataloguePath = 'data/observability/metrics.json'

const catalogueSchema = z.strictObject({
  metrics: z.array(
    z.strictObject({
      name: z.string(),
      type: z.enum(['counter', 'gauge', 'histogram']),
      unit: z.enum(['seconds', 'bytes', '']),
      labels: z.array(z.string()),
      services: z.array(z.enum(['gate', 'http', 'game', 'chat'])),
      help: z.string(),
    }),
  ),
})

/** What the services export, as their processes on real servers were seen to do. */
export type Catalogue = z.output<typeof catalogueSchema>
/** One metric of the {@link Catalogue}; the label `service`, which all have, is left out. */
export type CatalogueMetric = Catalogue['metrics'][number]

/** Reads the committed catalogue. @throws Error when there is none; ZodError when it has another form. */
export function readCatalogue(root: string): Catalogue {
  return catalogueSchema.parse(JSON.parse(readFileSync(join(root, cataloguePath), 'utf8')))
}

/**
 * Puts together what the services export. A scrape does not tell the labels of what has not happened, so they come from
 * how the metrics are made; of the process' defaults only those are kept that Hydra counts on.
 *
 * @throws Error for a metric of Hydra that `made` does not have.
 */
export function makeCatalogue(
  scrapes: ReadonlyMap<Service, ReadonlyMap<string, Family>>,
  made: readonly MetricDescription[],
): Catalogue {
  const descriptions = new Map([...made, ...processDefaults].map((metric) => [metric.name, metric]))
  const metrics = new Map<string, CatalogueMetric>()
  for (const [service, families] of scrapes) {
    for (const { name } of families.values()) {
      const description = descriptions.get(name)
      if (description === undefined && name.startsWith('hydra_'))
        throw new Error(`${service} exports ${name}, which nothing that was looked at makes.`)
      if (description === undefined) continue
      const { type, help, labels } = description
      const known = metrics.get(name)
      if (known === undefined)
        metrics.set(name, { name, type, unit: unitOf(name), labels: [...labels], services: [service], help })
      else known.services.push(service)
    }
  }
  return { metrics: [...metrics.values()].sort((a, b) => (a.name < b.name ? -1 : 1)) }
}

/** The bytes of the file: one metric in each line, so that a change shows as what it is. */
export function serializeCatalogue({ metrics }: Catalogue): string {
  const lines = metrics.map((metric) => `    ${JSON.stringify(metric)}`)
  return `{\n  "metrics": [\n${lines.join(',\n')}\n  ]\n}\n`
}
