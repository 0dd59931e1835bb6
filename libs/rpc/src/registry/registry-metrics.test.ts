import { createMetrics } from '@hydra/runtime'
import { expect, test } from 'vitest'
import { createMemoryRegistry, MemoryRegistryHub } from './memory-registry.ts'
import type { ServerRecord } from './registry.ts'

const server = (id: string): ServerRecord => ({
  id,
  type: 'game',
  zone: 'a',
  host: 'here',
  state: 'ready',
  metadata: {},
  startedAtMs: 1,
  protocol: 1,
})

test('a registry shows the servers that it sees, by type and state, and whether it still hears of changes', async () => {
  const hub = new MemoryRegistryHub()
  const metrics = createMetrics({ service: 'gate' })
  const registry = createMemoryRegistry({ hub, metrics })
  const others = createMemoryRegistry({ hub })
  const valueOf = async (labels: string) =>
    (await metrics.expose())
      .split('\n')
      .find((line) => line.startsWith(labels))
      ?.split(' ')[1]
  const games = (state: string) =>
    valueOf(`hydra_registry_servers{type="game",state="${state}",service="gate"}`)

  expect([await games('ready'), await games('draining')]).toEqual(['0', '0'])
  const first = await others.announce(server('g-1'))
  await others.announce(server('g-2'))
  await first.update({ state: 'draining' })
  expect([await games('ready'), await games('draining')]).toEqual(['1', '1'])
  expect(await valueOf('hydra_registry_servers{type="chat",state="ready"')).toBe('0')
  expect(await valueOf('hydra_registry_connected')).toBe('1')
  await registry.close()
  expect(await valueOf('hydra_registry_connected')).toBe('0')
})
