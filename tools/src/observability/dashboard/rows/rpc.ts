import { perSecond, quantile, sum, type Row } from '../panel.ts'

/** What servers ask each other. */
export const rpc: Row = {
  title: 'Calls between servers',
  panels: [
    {
      title: 'Calls sent',
      description: 'By the service that calls.',
      unit: 'reqps',
      queries: [{ expr: perSecond('hydra_rpc_calls_total', 'service'), legend: '{{service}}' }],
    },
    {
      title: 'Failed calls by code',
      description: 'TIMEOUT: the other side hangs. NO_SERVER, SERVER_GONE: it is not there.',
      unit: 'reqps',
      queries: [
        {
          expr: perSecond('hydra_rpc_calls_total', 'service, code', 'code!="OK"'),
          legend: '{{service}} {{code}}',
        },
      ],
    },
    {
      title: 'Latency of calls, p99',
      description: 'From sending a call to its outcome; the ten slowest routes.',
      unit: 's',
      queries: [
        {
          expr: `topk(10, ${quantile(0.99, 'hydra_rpc_call_seconds', 'service, route')})`,
          legend: '{{service}} {{route}}',
        },
      ],
    },
    {
      title: 'Under way',
      description: 'Calls sent and not answered, and calls being handled.',
      unit: 'short',
      queries: [
        { expr: sum('hydra_rpc_in_flight', 'service, instance'), legend: 'sent {{service}} {{instance}}' },
        { expr: sum('hydra_rpc_handling', 'service, instance'), legend: 'handled {{service}} {{instance}}' },
      ],
    },
    {
      title: 'Bytes that wait',
      description: 'For NATS to take them, for a turn here, or for a lost connection.',
      unit: 'bytes',
      queries: [
        { expr: sum('hydra_bus_buffered_bytes', 'service'), legend: 'to send {{service}}' },
        { expr: sum('hydra_bus_inbound_bytes', 'service'), legend: 'received {{service}}' },
        { expr: sum('hydra_rpc_held_bytes', 'service'), legend: 'held {{service}}' },
      ],
    },
    {
      title: 'Lost replies and frames',
      description: 'Late: the caller had given up. Dropped: of no form of ours, or not sendable.',
      unit: 'ops',
      queries: [
        { expr: perSecond('hydra_rpc_late_replies_total', 'service'), legend: 'late {{service}}' },
        {
          expr: perSecond('hydra_rpc_dropped_total', 'service, reason'),
          legend: 'dropped {{service}} {{reason}}',
        },
      ],
    },
  ],
}
