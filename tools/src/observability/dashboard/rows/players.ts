import { perSecond, sum, type Row } from '../panel.ts'

/** Who plays, and over what. */
export const players: Row = {
  title: 'Players and connections',
  panels: [
    {
      title: 'Players',
      description:
        'Roles in memory of game servers. Grace: the connection is lost, and the role is kept for the player.',
      unit: 'short',
      isStacked: true,
      queries: [{ expr: sum('hydra_game_actors', 'stage'), legend: '{{stage}}' }],
    },
    {
      title: 'Connections',
      description: 'Of clients to gates, those that have not logged in included.',
      unit: 'short',
      isStacked: true,
      queries: [
        {
          expr: sum('hydra_gate_connections', 'transport, serializer'),
          legend: '{{transport}} {{serializer}}',
        },
      ],
    },
    {
      title: 'Connections by gate',
      description: 'Far from even: clients do not choose among all gates, or one gate was started just now.',
      unit: 'short',
      queries: [{ expr: sum('hydra_gate_connections', 'instance'), legend: '{{instance}}' }],
    },
    {
      title: 'Sessions kept and released',
      description:
        'Lost sessions that wait for their clients, and ended ones whose role is still being released; the latter stays near 0.',
      unit: 'short',
      queries: [
        { expr: sum('hydra_gate_parked_sessions', 'instance'), legend: 'parked {{instance}}' },
        { expr: sum('hydra_gate_releasing', 'instance'), legend: 'releasing {{instance}}' },
      ],
    },
    {
      title: 'Handshakes',
      description: 'Refused: old clients, other platforms, or somebody who probes.',
      unit: 'ops',
      queries: [{ expr: perSecond('hydra_gate_handshakes_total', 'result'), legend: '{{result}}' }],
    },
    {
      title: 'Players who came back',
      description:
        'For a lost session: replayed is well; lost missed more than the gate keeps; gone came too late.',
      unit: 'ops',
      queries: [{ expr: perSecond('hydra_gate_resumes_total', 'outcome'), legend: '{{outcome}}' }],
    },
  ],
}
