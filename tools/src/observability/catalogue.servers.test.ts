import { mkdtempSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { services, type Service } from '@hydra/protocol'
import { dirVariable, eventually } from '@hydra/testing'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { useEmbeddedHydra } from '../e2e/embedded.fixture.ts'
import { startOtlpReceiver } from '../e2e/otlp-receiver.ts'
import { realBackends } from '../e2e/real-cluster.ts'
import { cataloguePath, makeCatalogue, serializeCatalogue, type Catalogue } from './catalogue.ts'
import type { Family } from './exposition.ts'
import { labelBounds } from './label-bounds.ts'
import { metricsOfDrivers, scrape, startPlayedCluster, type PlayedCluster } from './played-cluster.fixture.ts'

const root = join(import.meta.dirname, '../../..')

const eventLog = mkdtempSync(join(process.env[dirVariable] ?? tmpdir(), 'events-'))
afterAll(() => rm(eventLog, { recursive: true, force: true }))
const receiver = await startOtlpReceiver()
afterAll(() => receiver.close())

/** What is off by default has metrics too. */
const everythingOn = {
  HYDRA_GAME_EVENT_LOG_DIRECTORY: eventLog,
  HYDRA_TRACING_ENDPOINT: receiver.endpoint,
  HYDRA_TRACING_SAMPLE_RATIO: '1',
}

/** Tells the labels of what no driver makes. */
const embedded = useEmbeddedHydra(everythingOn)

describe.each(realBackends())('what four processes on $name export', ({ backends }) => {
  let played: PlayedCluster
  let catalogue: Catalogue
  let scrapes: ReadonlyMap<Service, ReadonlyMap<string, Family>>
  beforeAll(async () => {
    played = await startPlayedCluster(backends, {
      bots: 8,
      env: everythingOn,
    })
    const { addresses } = played
    const actions = async () =>
      (await scrape(addresses.gate)).get('hydra_gate_requests_total')?.samples.length
    await eventually(async () => ((await actions()) ?? 0) > 8, { timeoutMs: 20_000 })
    scrapes = new Map(
      await Promise.all(services.map(async (each) => [each, await scrape(addresses[each])] as const)),
    )
    const made = Object.values(embedded.hydra.metrics).flatMap((metrics) => metrics.describe())
    catalogue = makeCatalogue(scrapes, [...made, ...(await metricsOfDrivers(played.cluster, backends))])
  }, 60_000)
  afterAll(() => played.stop(), 30_000)

  it('is in data/observability/metrics.json (else: npx vitest run tools/src/observability/catalogue.servers.test.ts -u && npm run docs)', async () => {
    await expect(serializeCatalogue(catalogue)).toMatchFileSnapshot(join(root, cataloguePath))
  })

  it('has the type, the help and no other labels than the catalogue says, and values within the bounds', () => {
    const described = new Map(catalogue.metrics.map((metric) => [metric.name, metric]))
    const strange: string[] = []
    for (const [service, families] of scrapes) {
      for (const { name, type, help, samples } of families.values()) {
        const known = described.get(name)
        if (known === undefined) continue
        // The words of prom-client are its own.
        const told = name.startsWith('hydra_') ? help : known.help
        expect({ name, type, help: told }).toEqual({ name, type: known.type, help: known.help })
        for (const { labels } of samples) {
          const { service: own, le: _, ...others } = labels
          expect({ name, own }).toEqual({ name, own: service })
          expect([...known.labels].sort()).toEqual(expect.arrayContaining(Object.keys(others)))
          if (!name.startsWith('hydra_')) continue
          for (const [label, value] of Object.entries(others)) {
            if (labelBounds[label]?.allows(value) !== true) strange.push(`${name}{${label}="${value}"}`)
          }
        }
      }
    }
    expect([...new Set(strange)]).toEqual([])
  })

  it('tells that all are ready, see the same servers, and have their backends', () => {
    for (const service of services) {
      const family = (name: string) => scrapes.get(service)?.get(name)?.samples ?? []
      const valueOf = (name: string, labels: Record<string, string> = {}) =>
        family(name).find((sample) => Object.entries(labels).every(([key, is]) => sample.labels[key] === is))
          ?.value
      expect(valueOf('hydra_service_state', { state: 'ready' })).toBe(1)
      expect(valueOf('hydra_service_state', { state: 'draining' })).toBe(0)
      for (const type of services) {
        expect(valueOf('hydra_registry_servers', { type, state: 'ready' })).toBe(1)
        expect(valueOf('hydra_registry_servers', { type, state: 'draining' })).toBe(0)
      }
      expect(valueOf('hydra_registry_connected')).toBe(1)
      expect(valueOf('hydra_bus_connected')).toBe(1)
      const checks = family('hydra_service_check_ok').map(({ labels, value }) => [labels['check'], value])
      const usual = ['etcd', 'mysql', 'nats', ...(service === 'http' ? [] : ['redis'])]
      expect(checks.sort()).toEqual(
        [...usual, ...(service === 'game' ? ['role data'] : [])].sort().map((name) => [name, 1]),
      )
    }
  })
})
