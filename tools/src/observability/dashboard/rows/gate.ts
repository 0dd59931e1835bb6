import { perSecond, sum, type Row } from '../panel.ts'

/** What goes on at the edge. */
export const gate: Row = {
  title: 'Gate',
  panels: [
    {
      title: 'Ended connections by reason',
      description:
        'SLOW_CONSUMER, RATE_LIMITED and PROTOCOL_ERROR in numbers: an attack, or a broken client.',
      unit: 'ops',
      queries: [{ expr: perSecond('hydra_gate_closes_total', 'reason'), legend: '{{reason}}' }],
    },
    {
      title: 'Kicks by reason',
      description: 'Clients that were told why they had to go.',
      unit: 'ops',
      queries: [{ expr: perSecond('hydra_gate_kicks_total', 'reason'), legend: '{{reason}}' }],
    },
    {
      title: 'Backpressure',
      description:
        'Bytes that clients have not taken yet. Rises with bad networks of players, or of this machine.',
      unit: 'bytes',
      queries: [
        { expr: sum('hydra_gate_backpressure_bytes', 'instance'), legend: 'unsent {{instance}}' },
        { expr: sum('hydra_gate_replay_bytes', 'instance'), legend: 'kept for replay {{instance}}' },
      ],
    },
    {
      title: 'Slow connections',
      description: 'Connections with anything unsent.',
      unit: 'short',
      queries: [{ expr: sum('hydra_gate_backpressured_connections', 'instance'), legend: '{{instance}}' }],
    },
    {
      title: 'Traffic',
      description: 'Bytes of packets; in: from clients.',
      unit: 'Bps',
      queries: [{ expr: perSecond('hydra_gate_bytes_total', 'direction'), legend: '{{direction}}' }],
    },
    {
      title: 'Pushes by route',
      description: 'The ten most frequent.',
      unit: 'ops',
      queries: [{ expr: `topk(10, ${perSecond('hydra_gate_pushes_total', 'route')})`, legend: '{{route}}' }],
    },
    {
      title: 'Refused and dropped',
      description: 'Messages over a rate limit, and packets that no client got.',
      unit: 'ops',
      queries: [
        { expr: perSecond('hydra_gate_rate_limited_total', 'scope'), legend: 'rate limit of {{scope}}' },
        { expr: perSecond('hydra_gate_dropped_total', 'reason'), legend: 'dropped: {{reason}}' },
      ],
    },
    {
      title: 'Topics',
      description:
        'Topics with members, and what arrived for them; dropped and late ones are misses of clients.',
      unit: 'short',
      queries: [
        { expr: sum('hydra_topic_active', 'instance'), legend: 'topics {{instance}}' },
        { expr: perSecond('hydra_topic_messages_total', 'instance'), legend: 'messages/s {{instance}}' },
        {
          expr: perSecond('hydra_topic_messages_dropped_total', 'instance'),
          legend: 'dropped/s {{instance}}',
        },
        { expr: perSecond('hydra_topic_messages_late_total', 'instance'), legend: 'late/s {{instance}}' },
      ],
    },
  ],
}
