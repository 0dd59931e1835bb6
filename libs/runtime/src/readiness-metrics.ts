import type { Metrics } from './metrics.ts'
import type { Readiness, ReadinessReport } from './readiness.ts'

const states: readonly ReadinessReport['status'][] = ['starting', 'ready', 'failing', 'draining']

/**
 * Shows at each scrape what `/readyz` would answer. A scrape runs the checks, so it takes as long as the slowest of
 * them, which {@link Readiness} bounds.
 */
export function observeReadiness(metrics: Metrics, readiness: Readiness): void {
  metrics.gauge({
    name: 'hydra_service_state',
    help: '1 for the state that the service is in, 0 for the others: work should be sent to one that is ready.',
    labels: ['state'],
    async collect() {
      const { status } = await readiness.report()
      return states.map((state) => ({ labels: { state }, value: Number(state === status) }))
    },
  })
  metrics.gauge({
    name: 'hydra_service_check_ok',
    help: '1 for each check of /readyz that passes, 0 for one that fails.',
    labels: ['check'],
    async collect() {
      const { checks } = await readiness.report()
      return Object.entries(checks).map(([check, result]) => ({
        labels: { check },
        value: Number(result === 'ok'),
      }))
    },
  })
}
