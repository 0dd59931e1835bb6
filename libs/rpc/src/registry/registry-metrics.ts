import { services } from '@hydra/protocol'
import type { Metrics } from '@hydra/runtime'
import type { Registry } from './registry.ts'

const states = ['ready', 'draining'] as const

/**
 * Names the metrics that every registry has. Each service shows its own view, also of types that have no server, so that
 * views which differ (a split) and the last server's end can be seen.
 */
export function observeRegistry(metrics: Metrics, registry: Pick<Registry, 'connected' | 'list'>): void {
  metrics.gauge({
    name: 'hydra_registry_connected',
    help: '1 while changes of the registry arrive as they happen, 0 while the last known view is used.',
    collect: () => Number(registry.connected),
  })
  metrics.gauge({
    name: 'hydra_registry_servers',
    help: 'Servers in the registry as this service sees it, by type and by what they say of themselves.',
    labels: ['type', 'state'],
    collect: () =>
      services.flatMap((type) =>
        states.map((state) => ({
          labels: { type, state },
          value: registry.list(type).filter((server) => server.state === state).length,
        })),
      ),
  })
}
