import { latency, perSecond, quantile, sum, type Row } from '../panel.ts'

/** What clients ask for, and how they are answered. */
export const requests: Row = {
  title: 'Requests',
  panels: [
    {
      title: 'Requests of clients',
      description: 'Requests and notifies that gates have taken.',
      unit: 'reqps',
      queries: [{ expr: perSecond('hydra_gate_requests_total', 'instance'), legend: '{{instance}}' }],
    },
    {
      title: 'Refused requests by code',
      description: 'docs/errors.md says what each code means. INTERNAL is a defect: the log has its cause.',
      unit: 'reqps',
      queries: [{ expr: perSecond('hydra_gate_requests_total', 'code', 'code!="OK"'), legend: '{{code}}' }],
    },
    {
      title: 'Latency at the gate',
      description: 'From the arrival of a request to its response.',
      unit: 's',
      queries: latency('hydra_gate_request_seconds', 'instance'),
    },
    {
      title: 'Latency by route, p99',
      description: 'The ten slowest routes.',
      unit: 's',
      queries: [
        { expr: `topk(10, ${quantile(0.99, 'hydra_gate_request_seconds', 'route')})`, legend: '{{route}}' },
      ],
    },
    {
      title: 'Latency by service',
      description: 'From the arrival of a call in a service to its reply.',
      unit: 's',
      queries: latency('hydra_rpc_handle_seconds', 'service'),
    },
    {
      title: 'Requests of http',
      description: 'By path and status; registrations, logins and lists of gates.',
      unit: 'reqps',
      queries: [
        { expr: perSecond('hydra_http_requests_total', 'path, status'), legend: '{{path}} {{status}}' },
      ],
    },
    {
      title: 'Latency of http',
      description: 'Registrations and logins take as long as their password costs.',
      unit: 's',
      queries: latency('hydra_http_request_seconds', 'path'),
    },
    {
      title: 'Passwords and attempts of http',
      description: 'Waiting passwords: more logins than http can check; add a process or cores.',
      unit: 'short',
      queries: [
        { expr: sum('hydra_http_waiting_passwords', 'instance'), legend: 'waiting {{instance}}' },
        { expr: sum('hydra_http_attempt_keys', 'instance'), legend: 'counted {{instance}}' },
      ],
    },
  ],
}
