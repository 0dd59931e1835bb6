import type { Counter, Histogram, Metrics } from '@hydra/runtime'

/** What the scenes of a game server measure. */
export interface SceneMetrics {
  readonly tickSeconds: Histogram
  readonly skipped: Counter
  readonly pushes: Counter
  readonly joinFailures: Counter
  readonly closed: Counter
  readonly rewards: Counter
}

/** Names the metrics of scenes. */
export function createSceneMetrics(metrics: Metrics): SceneMetrics {
  return {
    tickSeconds: metrics.histogram({
      name: 'hydra_scene_tick_seconds',
      help: 'One step of one scene, what is sent included.',
      labels: ['scene'],
    }),
    skipped: metrics.counter({
      name: 'hydra_scene_ticks_skipped_total',
      help: 'Steps that were left out because the server was late.',
    }),
    pushes: metrics.counter({
      name: 'hydra_scene_pushes_total',
      help: 'Pushes about what is in scenes, by kind; each once, however many receive it.',
      labels: ['kind'],
    }),
    joinFailures: metrics.counter({
      name: 'hydra_scene_join_failures_total',
      help: 'Failed tries to have a session receive its cells, by code and by whether they were given up.',
      labels: ['code', 'outcome'],
    }),
    closed: metrics.counter({
      name: 'hydra_scene_ended_total',
      help: 'Instances of scenes that have ended, by why.',
      labels: ['reason'],
    }),
    rewards: metrics.counter({
      name: 'hydra_scene_rewards_total',
      help: 'Rewards of kills, by what became of them.',
      labels: ['outcome'],
      known: [{ outcome: 'given' }, { outcome: 'lost' }, { outcome: 'dropped' }],
    }),
  }
}

/** What is counted at each scrape. */
export interface ObservedScenes {
  readonly size: number
  all(): Iterable<{ readonly scene: { readonly players: number; readonly state: { readonly size: number } } }>
}

/** Shows the scenes of a server at each scrape. */
export function observeScenes(metrics: Metrics, scenes: ObservedScenes): void {
  const sum = (of: (scene: { players: number; state: { size: number } }) => number) => {
    let total = 0
    for (const { scene } of scenes.all()) total += of(scene)
    return total
  }
  metrics.gauge({
    name: 'hydra_scene_instances',
    help: 'Instances of scenes.',
    collect: () => scenes.size,
  })
  metrics.gauge({
    name: 'hydra_scene_players',
    help: 'Players in all scenes, those included whose connection is lost for the moment.',
    collect: () => sum(({ players }) => players),
  })
  metrics.gauge({
    name: 'hydra_scene_entities',
    help: 'Players, monsters and loot in all scenes.',
    collect: () => sum(({ state }) => state.size),
  })
}
