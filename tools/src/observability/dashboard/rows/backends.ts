import { latency, perSecond, sum, type Row } from '../panel.ts'

/** MySQL, Redis, NATS and etcd, as the services see them. */
export const backends: Row = {
  title: 'Backends',
  panels: [
    {
      title: 'Connected',
      description:
        'Processes with a connection to each backend; below the number of processes somebody is cut off.',
      unit: 'short',
      queries: [
        { expr: sum('hydra_bus_connected', 'service'), legend: 'NATS {{service}}' },
        { expr: sum('hydra_registry_connected', 'service'), legend: 'etcd {{service}}' },
        { expr: sum('hydra_redis_connected', 'service'), legend: 'Redis {{service}}' },
      ],
    },
    {
      title: 'Servers in the registry',
      description: 'As each process sees them. Lines of one type that differ for long: the cluster is split.',
      unit: 'short',
      queries: [
        { expr: sum('hydra_registry_servers', 'type, instance'), legend: '{{type}} seen by {{instance}}' },
      ],
    },
    {
      title: 'MySQL: connections',
      description: 'Used and waiting, and how many there may be.',
      unit: 'short',
      queries: [
        { expr: sum('hydra_mysql_pool_used_connections', 'service'), legend: 'used {{service}}' },
        { expr: sum('hydra_mysql_pool_waiting_queries', 'service'), legend: 'waiting {{service}}' },
        { expr: sum('hydra_mysql_pool_max_connections', 'service'), legend: 'most {{service}}' },
      ],
    },
    {
      title: 'MySQL: time of queries and transactions',
      description: 'Waiting for a connection included.',
      unit: 's',
      queries: latency('hydra_database_operation_seconds', 'service'),
    },
    {
      title: 'MySQL: queries and transactions',
      description: 'Done in a second, and under way.',
      unit: 'short',
      queries: [
        {
          expr: perSecond('hydra_database_operation_seconds_count', 'service'),
          legend: '{{service}} per second',
        },
        { expr: sum('hydra_database_in_flight', 'service'), legend: '{{service}} under way' },
      ],
    },
    {
      title: 'Redis: time of calls',
      description: 'From a call to its answer or failure.',
      unit: 's',
      queries: latency('hydra_redis_call_seconds', 'service'),
    },
    {
      title: 'Redis: calls',
      description: 'Done in a second, and not answered yet.',
      unit: 'short',
      queries: [
        { expr: perSecond('hydra_redis_call_seconds_count', 'service'), legend: '{{service}} per second' },
        { expr: sum('hydra_redis_calls_in_flight', 'service'), legend: '{{service}} under way' },
      ],
    },
    {
      title: 'NATS and etcd: events',
      description: 'Losses and returns of connections, leases that were lost, readings that failed.',
      unit: 'ops',
      queries: [
        { expr: perSecond('hydra_nats_events_total', 'event'), legend: 'NATS {{event}}' },
        { expr: perSecond('hydra_registry_lease_losses_total', 'service'), legend: 'lease lost {{service}}' },
        {
          expr: perSecond('hydra_registry_readings_total', 'service', 'result="failed"'),
          legend: 'reading failed {{service}}',
        },
      ],
    },
  ],
}
