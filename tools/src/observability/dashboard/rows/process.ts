import { of, perSecond, type Row } from '../panel.ts'

/** What each process takes of its machine. */
export const processRow: Row = {
  title: 'Processes',
  panels: [
    {
      title: 'CPU',
      description: 'Cores in use. A service runs on one; near 1 it needs another process.',
      unit: 'percentunit',
      queries: [
        {
          expr: `rate(${of('process_cpu_seconds_total')}[$__rate_interval])`,
          legend: '{{service}} {{instance}}',
        },
      ],
    },
    {
      title: 'Memory',
      description: 'Everything that the process has.',
      unit: 'bytes',
      queries: [{ expr: of('process_resident_memory_bytes'), legend: '{{service}} {{instance}}' }],
    },
    {
      title: 'Heap, of what it may be',
      description: 'At 100 % the process dies of it.',
      unit: 'percentunit',
      queries: [
        {
          expr: `${of('nodejs_heap_size_used_bytes')} / ${of('hydra_process_heap_limit_bytes')}`,
          legend: '{{service}} {{instance}}',
        },
      ],
    },
    {
      title: 'Event loop lag, p99',
      description:
        'How late everything in the process is. High: too much work, or one piece of work is too long.',
      unit: 's',
      queries: [{ expr: of('nodejs_eventloop_lag_p99_seconds'), legend: '{{service}} {{instance}}' }],
    },
    {
      title: 'Garbage collection',
      description: 'Share of time that goes into it.',
      unit: 'percentunit',
      queries: [
        {
          expr: perSecond('nodejs_gc_duration_seconds_sum', 'service, instance'),
          legend: '{{service}} {{instance}}',
        },
      ],
    },
    {
      title: 'File descriptors',
      description: 'Of those there may be; a gate needs one for each connection.',
      unit: 'percentunit',
      queries: [
        {
          expr: `${of('process_open_fds')} / ${of('process_max_fds')}`,
          legend: '{{service}} {{instance}}',
        },
      ],
    },
    {
      title: 'Spans of tracing',
      description:
        'Empty while tracing is off. Failed: the endpoint did not take them. Dropped: too many waited.',
      unit: 'ops',
      queries: [
        {
          expr: perSecond('hydra_tracing_spans_total', 'service, outcome'),
          legend: '{{service}} {{outcome}}',
        },
      ],
    },
    {
      title: 'Spans that wait to be sent',
      description: 'Empty while tracing is off. At `[tracing] queueMax` more are dropped.',
      unit: 'short',
      queries: [{ expr: of('hydra_tracing_queued_spans'), legend: '{{service}} {{instance}}' }],
    },
    {
      title: 'Age',
      description: 'Since when each process runs; a saw tooth is a process that dies again and again.',
      unit: 's',
      queries: [{ expr: `time() - ${of('process_start_time_seconds')}`, legend: '{{service}} {{instance}}' }],
    },
  ],
}
