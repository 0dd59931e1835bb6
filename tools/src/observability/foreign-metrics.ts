import type { ForeignMetric } from './check-expression.ts'

/** Metrics that dashboard and alerts use and no service exports: of Prometheus itself and of node_exporter. */
export const foreignMetrics: readonly ForeignMetric[] = [
  { name: 'up', labels: [] },
  { name: 'node_filesystem_avail_bytes', labels: ['mountpoint', 'fstype', 'device'] },
  { name: 'node_filesystem_size_bytes', labels: ['mountpoint', 'fstype', 'device'] },
]
