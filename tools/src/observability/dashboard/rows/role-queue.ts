import { latency, of, perSecond, quantile, sum, type Row } from '../panel.ts'

/** How far role data is on its way to the database. */
export const roleQueue: Row = {
  title: 'Role queue',
  panels: [
    {
      title: 'Unsaved roles',
      description:
        'Roles that the database does not have yet. Grows while it is away; at [roleQueue] dirtyMax changes are refused.',
      unit: 'short',
      queries: [
        { expr: sum('hydra_role_queue_dirty_roles', 'instance'), legend: 'dirty {{instance}}' },
        { expr: sum('hydra_role_queue_unsettled_roles', 'instance'), legend: 'unsettled {{instance}}' },
      ],
    },
    {
      title: 'Oldest unsaved change',
      description: 'Usually below [roleQueue] flushIntervalMs and one batch.',
      unit: 's',
      queries: [
        { expr: `max by (instance) (${of('hydra_role_queue_oldest_seconds')})`, legend: '{{instance}}' },
      ],
    },
    {
      title: 'Stores away',
      description: 'Game servers that do without the journal or the database.',
      unit: 'short',
      queries: [
        { expr: sum('hydra_role_queue_journal_away', 'service'), legend: 'journal' },
        { expr: sum('hydra_role_queue_database_away', 'service'), legend: 'database' },
      ],
    },
    {
      title: 'Refused',
      description:
        'Busy: too many roles are dirty. Fenced: another server owns the role. Refused: for their content; the log names them.',
      unit: 'ops',
      queries: [
        { expr: perSecond('hydra_role_queue_busy_total', 'instance'), legend: 'busy {{instance}}' },
        { expr: perSecond('hydra_role_queue_fenced_total', 'stage'), legend: 'fenced by {{stage}}' },
        { expr: perSecond('hydra_role_queue_refused_total', 'stage'), legend: 'refused by {{stage}}' },
      ],
    },
    {
      title: 'Time of a batch',
      description: 'Journal: what a player waits for. Database: what a flush takes.',
      unit: 's',
      queries: latency('hydra_role_queue_batch_seconds', 'stage'),
    },
    {
      title: 'Roles in a batch, p99',
      description: 'Large batches: the store is the limit.',
      unit: 'short',
      queries: [{ expr: quantile(0.99, 'hydra_role_queue_batch_roles', 'stage'), legend: '{{stage}}' }],
    },
    {
      title: 'Batches tried again, detours',
      description: 'Straight: written to the database because the journal was away.',
      unit: 'ops',
      queries: [
        { expr: perSecond('hydra_role_queue_retries_total', 'stage'), legend: 'again {{stage}}' },
        { expr: perSecond('hydra_role_queue_straight_total', 'instance'), legend: 'straight {{instance}}' },
        {
          expr: perSecond('hydra_role_queue_unsettled_dropped_total', 'instance'),
          legend: 'left to recovery {{instance}}',
        },
      ],
    },
  ],
}
