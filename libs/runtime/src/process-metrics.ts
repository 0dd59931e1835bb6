import { getHeapStatistics } from 'node:v8'
import type { Metrics } from './metrics.ts'
import { version } from './version.ts'

/** What prom-client's defaults leave out: which build this is, and how much the heap may grow. */
export function observeProcess(metrics: Metrics): void {
  metrics
    .gauge({
      name: 'hydra_build_info',
      help: 'Always 1; tells the version of Hydra and of Node.js.',
      labels: ['version', 'node'],
    })
    .set(1, { version, node: process.versions.node })
  metrics.gauge({
    name: 'hydra_process_heap_limit_bytes',
    help: 'How large the JavaScript heap may become before the process dies of it.',
    collect: () => getHeapStatistics().heap_size_limit,
  })
}
