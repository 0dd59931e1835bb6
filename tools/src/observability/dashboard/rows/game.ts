import { latency, perSecond, sum, type Row } from '../panel.ts'

/** Roles and scenes. */
export const game: Row = {
  title: 'Game',
  panels: [
    {
      title: 'Roles loaded',
      description: 'By outcome; anything but OK keeps a player out.',
      unit: 'ops',
      queries: [{ expr: perSecond('hydra_game_role_loads_total', 'code'), legend: '{{code}}' }],
    },
    {
      title: 'Time to load a role',
      description: 'From asking for a role to having it.',
      unit: 's',
      queries: latency('hydra_game_role_load_seconds', 'instance'),
    },
    {
      title: 'Roles that left',
      description:
        'By why and how it ended. Fenced: another server owns the role. Given-up: recovery has to save it.',
      unit: 'ops',
      queries: [
        {
          expr: perSecond('hydra_game_role_leaves_total', 'reason, outcome'),
          legend: '{{reason}} {{outcome}}',
        },
      ],
    },
    {
      title: 'Mailboxes',
      description: 'Requests that wait or run in the mailboxes of all roles.',
      unit: 'short',
      queries: [{ expr: sum('hydra_game_mailbox_jobs', 'instance'), legend: '{{instance}}' }],
    },
    {
      title: 'Steps of scenes',
      description: 'How long one step takes; near [scene] tickMs the server has too many players in scenes.',
      unit: 's',
      queries: latency('hydra_scene_tick_seconds', 'scene'),
    },
    {
      title: 'Steps left out',
      description: 'Because the server was late: it needs more of a core.',
      unit: 'ops',
      queries: [{ expr: perSecond('hydra_scene_ticks_skipped_total', 'instance'), legend: '{{instance}}' }],
    },
    {
      title: 'In scenes',
      description: 'Instances, players, and everything in them.',
      unit: 'short',
      queries: [
        { expr: sum('hydra_scene_instances', 'instance'), legend: 'scenes {{instance}}' },
        { expr: sum('hydra_scene_players', 'instance'), legend: 'players {{instance}}' },
        { expr: sum('hydra_scene_entities', 'instance'), legend: 'entities {{instance}}' },
      ],
    },
    {
      title: 'Pushes of scenes',
      description: 'Each once, however many receive it.',
      unit: 'ops',
      queries: [{ expr: perSecond('hydra_scene_pushes_total', 'kind'), legend: '{{kind}}' }],
    },
    {
      title: 'Rewards of kills',
      description: 'Lost: a store was away, or more were under way than [scene] rewardsMax.',
      unit: 'ops',
      queries: [{ expr: perSecond('hydra_scene_rewards_total', 'outcome'), legend: '{{outcome}}' }],
    },
    {
      title: 'Refusals that smell of cheating',
      description: 'Codes that honest clients do not meet.',
      unit: 'ops',
      queries: [
        { expr: perSecond('hydra_game_refusals_total', 'route, code'), legend: '{{route}} {{code}}' },
      ],
    },
    {
      title: 'Ownership',
      description:
        'Roles that another server turned out to own, strays that were given up, roles saved for dead servers.',
      unit: 'ops',
      queries: [
        { expr: perSecond('hydra_game_ownership_changes_total', 'outcome'), legend: 'ownership {{outcome}}' },
        { expr: perSecond('hydra_game_stray_roles_total', 'instance'), legend: 'stray {{instance}}' },
        { expr: perSecond('hydra_game_roles_recovered_total', 'instance'), legend: 'recovered {{instance}}' },
      ],
    },
    {
      title: 'Not told',
      description:
        'Calls to chat that failed, and sessions that a gate could not be made to send a scene or a role.',
      unit: 'ops',
      queries: [
        {
          expr: perSecond('hydra_game_chat_failures_total', 'route, code'),
          legend: 'chat {{route}} {{code}}',
        },
        {
          expr: perSecond('hydra_scene_join_failures_total', 'code, outcome'),
          legend: 'scene {{code}} {{outcome}}',
        },
        { expr: perSecond('hydra_game_role_topic_failures_total', 'code'), legend: 'role {{code}}' },
      ],
    },
    {
      title: 'Event log',
      description:
        'Records by type; dropped ones mean that the disk is full or too slow. Empty while it is off.',
      unit: 'ops',
      queries: [
        { expr: perSecond('hydra_event_log_records_total', 'type'), legend: '{{type}}' },
        { expr: perSecond('hydra_event_log_dropped_total', 'reason'), legend: 'dropped: {{reason}}' },
      ],
    },
    {
      title: 'Teams, days, payments',
      description: 'Changes of teams, resets of days, and payments that others left half done.',
      unit: 'ops',
      queries: [
        { expr: perSecond('hydra_game_team_changes_total', 'reason'), legend: 'team {{reason}}' },
        { expr: perSecond('hydra_game_team_conflicts_total', 'service'), legend: 'team conflicts' },
        { expr: perSecond('hydra_game_daily_resets_total', 'service'), legend: 'days' },
        { expr: perSecond('hydra_game_holds_resolved_total', 'outcome'), legend: 'payments {{outcome}}' },
      ],
    },
  ],
}
