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
  readonly roleTopicFailures: Counter
  readonly holdsResolved: Counter
  readonly dailyResets: Counter
  readonly refusals: Counter
  readonly ledgerPages: Counter
  readonly teamChanges: Counter
  readonly teamConflicts: Counter
  readonly teamsToldAgain: Counter
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
    roleTopicFailures: metrics.counter({
      name: 'hydra_game_role_topic_failures_total',
      help: 'Sessions that could not be joined to the topic of their role when they entered it.',
      labels: ['code'],
    }),
    refusals: metrics.counter({
      name: 'hydra_game_refusals_total',
      help: 'Requests of clients that were refused with a code that smells of cheating.',
      labels: ['route', 'code'],
    }),
    dailyResets: metrics.counter({
      name: 'hydra_game_daily_resets_total',
      help: 'Roles that were being played when a new day began for them.',
    }),
    holdsResolved: metrics.counter({
      name: 'hydra_game_holds_resolved_total',
      help: 'Payments that were left behind by who asked for them, by what became of them.',
      labels: ['outcome'],
    }),
    ledgerPages: metrics.counter({
      name: 'hydra_game_ledger_pages_total',
      help: 'Pages of ledgers that were to be archived, by what became of it.',
      labels: ['outcome'],
    }),
    teamChanges: metrics.counter({
      name: 'hydra_game_team_changes_total',
      help: 'Changes of teams that this server has made, by why.',
      labels: ['reason'],
    }),
    teamConflicts: metrics.counter({
      name: 'hydra_game_team_conflicts_total',
      help: 'Changes of teams that were decided anew, because another came first.',
    }),
    teamsToldAgain: metrics.counter({
      name: 'hydra_game_teams_told_again_total',
      help: 'Changes of teams that were told again, because somebody may not have heard of them.',
    }),
  }
}

const stages = ['loading', 'active', 'grace', 'leaving'] as const

/** Shows the table of actors at each scrape. */
export function observeActors(metrics: Metrics, actors: RoleActors): void {
  metrics.gauge({
    name: 'hydra_game_actors',
    help: 'Roles in memory, by stage: grace: the connection is lost, and the role is kept for the player.',
    labels: ['stage'],
    collect() {
      const count = actors.countByStage()
      return stages.map((stage) => ({ labels: { stage }, value: count[stage] }))
    },
  })
  metrics.gauge({
    name: 'hydra_game_mailbox_jobs',
    help: 'Requests that wait or run in the mailboxes of all roles.',
    collect: () => actors.depth,
  })
}
