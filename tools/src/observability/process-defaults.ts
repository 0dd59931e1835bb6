import type { MetricDescription } from '@hydra/runtime'

/**
 * What dashboard and alerts use of prom-client's default metrics. Others of them depend on platform and version of
 * Node.js, so nothing here counts on them.
 */
export const processDefaults: readonly MetricDescription[] = [
  {
    name: 'process_cpu_seconds_total',
    type: 'counter',
    help: 'CPU time of the process, user and system.',
    labels: [],
  },
  {
    name: 'process_start_time_seconds',
    type: 'gauge',
    help: 'When the process started, in seconds since 1970.',
    labels: [],
  },
  {
    name: 'process_resident_memory_bytes',
    type: 'gauge',
    help: 'Memory of the process, everything included.',
    labels: [],
  },
  { name: 'process_open_fds', type: 'gauge', help: 'Open file descriptors (Linux).', labels: [] },
  { name: 'process_max_fds', type: 'gauge', help: 'File descriptors there may be (Linux).', labels: [] },
  {
    name: 'nodejs_heap_size_used_bytes',
    type: 'gauge',
    help: 'Used part of the JavaScript heap.',
    labels: [],
  },
  {
    name: 'nodejs_eventloop_lag_p99_seconds',
    type: 'gauge',
    help: 'How late the event loop was since the last scrape, 99th percentile.',
    labels: [],
  },
  {
    name: 'nodejs_gc_duration_seconds',
    type: 'histogram',
    help: 'Pauses of the garbage collector.',
    labels: ['kind'],
  },
]
