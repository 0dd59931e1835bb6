import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { services } from '@hydra/protocol'
import { describe, expect, it } from 'vitest'
import { useEmbeddedHydra } from '../e2e/embedded.fixture.ts'
import { cataloguePath, makeCatalogue, readCatalogue, serializeCatalogue } from './catalogue.ts'
import { parseExposition } from './exposition.ts'
import { labelBounds } from './label-bounds.ts'
import { complaints } from './naming.ts'

const root = join(import.meta.dirname, '../../..')
const catalogue = readCatalogue(root)
const embedded = useEmbeddedHydra({})

describe('the catalogue', () => {
  it('is written as it is read', async () => {
    expect(serializeCatalogue(catalogue)).toBe(await readFile(join(root, cataloguePath), 'utf8'))
  })

  it.each(catalogue.metrics.filter(({ name }) => name.startsWith('hydra_')))(
    '$name keeps the rule of names, and its labels are bounded',
    (metric) => {
      expect(complaints(metric)).toEqual([])
      for (const label of metric.labels) expect(Object.keys(labelBounds)).toContain(label)
    },
  )

  it.each(services)(
    'has what %s makes without servers (else: npx vitest run tools/src/observability/catalogue.servers.test.ts -u && npm run docs)',
    (service) => {
      const known = new Map(catalogue.metrics.map((metric) => [metric.name, metric]))
      for (const { name, type, help, labels } of embedded.hydra.metrics[service].describe()) {
        expect({ name, ...known.get(name) }).toMatchObject({ name, type, help, labels })
        expect(known.get(name)?.services).toContain(service)
      }
    },
  )

  it('is made only of what is known', async () => {
    const families = parseExposition('# HELP hydra_gate_x_total X.\n# TYPE hydra_gate_x_total counter\n')
    expect(() => makeCatalogue(new Map([['gate', families]]), [])).toThrow('hydra_gate_x_total')
  })
})
