import type { Counter, Histogram, Metrics } from '@hydra/runtime'
import type { RoleActors } from './actor/role-actors.ts'

/** What the game service measures; calls and the role queue are measured by the libraries. */
export interface GameMetrics {
  readonly loads: Counter
  readonly loadSeconds: Histogram
  readonly leaves: Counter
  readonly recovered: Counter
  readonly renewals: Counter
  readonly strays: Counter
  readonly chatFailures: Counter
  readonly holdsResolved: Counter
}

/** Names the metrics that count. */
export function createGameMetrics(metrics: Metrics): GameMetrics {
  return {
    loads: metrics.counter({
      name: 'hydra_game_role_loads_total',
      help: 'Roles loaded into memory, by outcome.',
      labels: ['code'],
    }),
    loadSeconds: metrics.histogram({
      name: 'hydra_game_role_load_seconds',
      help: 'From asking for a role that is not in memory to having it.',
    }),
    leaves: metrics.counter({
      name: 'hydra_game_role_leaves_total',
      help: 'Roles that left memory, by why they left and how that ended.',
      labels: ['reason', 'outcome'],
    }),
    recovered: metrics.counter({
      name: 'hydra_game_roles_recovered_total',
      help: 'Roles saved that a server which is gone had left unsaved.',
    }),
    renewals: metrics.counter({
      name: 'hydra_game_ownership_changes_total',
      help: 'Roles in memory that another server turned out to own, or that were taken once more for the journal.',
      labels: ['outcome'],
    }),
    strays: metrics.counter({
      name: 'hydra_game_stray_roles_total',
      help: 'Roles that this server owned without having them in memory, saved and given up.',
    }),
    chatFailures: metrics.counter({
      name: 'hydra_game_chat_failures_total',
      help: 'Calls to chat that failed and were gone on without.',
      labels: ['route', 'code'],
    }),
    holdsResolved: metrics.counter({
      name: 'hydra_game_holds_resolved_total',
      help: 'Payments that were left behind by who asked for them, by what became of them.',
      labels: ['outcome'],
    }),
  }
}

/** Shows the table of actors at each scrape. */
export function observeActors(metrics: Metrics, actors: RoleActors): void {
  for (const stage of ['loading', 'active', 'grace', 'leaving'] as const) {
    metrics.gauge({
      name: `hydra_game_actors_${stage}`,
      help: `Roles in memory at the stage "${stage}".`,
      collect: () => actors.countByStage()[stage],
    })
  }
  metrics.gauge({
    name: 'hydra_game_mailbox_jobs',
    help: 'Requests that wait or run in the mailboxes of all roles.',
    collect: () => actors.depth,
  })
}
