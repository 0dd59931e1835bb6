import type { Counter, Histogram, Metrics } from '@hydra/runtime'
import type { AwayStores } from './role-queue.ts'

const stage = ['stage'] as const
const refusing = [{ stage: 'journal' }, { stage: 'database' }]
const batchBuckets = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1_000, 2_000, 5_000, 10_000]

/** What the parts of the queue count; `stage` is `journal`, `database` or `settle`. */
export interface RoleQueueMetrics {
  readonly batchRoles: Histogram
  readonly batchSeconds: Histogram
  readonly retries: Counter
  readonly fenced: Counter
  readonly refused: Counter
  readonly busy: Counter
  readonly straight: Counter
  readonly unsettledDropped: Counter
}

/** Values that are asked for at each scrape. */
export interface RoleQueueGauges {
  dirty(): number
  oldestSeconds(): number
  unsettled(): number
  away(): AwayStores
}

/** Makes the queue's metrics. */
export function createRoleQueueMetrics(metrics: Metrics, gauges: RoleQueueGauges): RoleQueueMetrics {
  metrics.gauge({
    name: 'hydra_role_queue_dirty_roles',
    help: 'Roles whose latest snapshot the database does not have yet.',
    collect: () => gauges.dirty(),
  })
  metrics.gauge({
    name: 'hydra_role_queue_oldest_seconds',
    help: 'Age of the oldest change that the database does not have yet.',
    collect: () => gauges.oldestSeconds(),
  })
  metrics.gauge({
    name: 'hydra_role_queue_unsettled_roles',
    help: 'Saved roles whose journal entry has not been removed yet.',
    collect: () => gauges.unsettled(),
  })
  for (const store of ['journal', 'database'] as const) {
    metrics.gauge({
      name: `hydra_role_queue_${store}_away`,
      help: `1 while the queue does without the ${store}, because it failed when it was last tried.`,
      collect: () => Number(gauges.away()[store]),
    })
  }
  return {
    batchRoles: metrics.histogram({
      name: 'hydra_role_queue_batch_roles',
      help: 'Roles written together.',
      labels: stage,
      buckets: batchBuckets,
    }),
    batchSeconds: metrics.histogram({
      name: 'hydra_role_queue_batch_seconds',
      help: 'How long one batch took.',
      labels: stage,
    }),
    retries: metrics.counter({
      name: 'hydra_role_queue_retries_total',
      help: 'Batches that failed because the store was away.',
      labels: stage,
      known: [...refusing, { stage: 'settle' }],
    }),
    fenced: metrics.counter({
      name: 'hydra_role_queue_fenced_total',
      help: 'Snapshots refused because another server owns the role.',
      labels: stage,
      known: refusing,
    }),
    refused: metrics.counter({
      name: 'hydra_role_queue_refused_total',
      help: 'Snapshots refused for their content.',
      labels: stage,
      known: refusing,
    }),
    busy: metrics.counter({
      name: 'hydra_role_queue_busy_total',
      help: 'Changes refused because too many roles are dirty.',
    }),
    straight: metrics.counter({
      name: 'hydra_role_queue_straight_total',
      help: 'Changes written straight to the database because the journal was away, or did not take them.',
    }),
    unsettledDropped: metrics.counter({
      name: 'hydra_role_queue_unsettled_dropped_total',
      help: 'Journal entries left to recovery because too many waited for removal.',
    }),
  }
}
