import { HydraError } from '@hydra/protocol'
import type { RpcPeer } from '@hydra/rpc'
import type { RoleActors } from '../../actor/role-actors.ts'
import type { GameConfig } from '../../config.ts'
import type { Parts } from '../../open-parts.ts'
import { sceneSettings } from '../scene-settings.ts'
import { GateLinks } from './gate-links.ts'
import { PlaceNotes } from './place-notes.ts'
import { Placement } from './placement.ts'
import { Rewards, type RewardsOptions } from './rewards.ts'
import { createSceneMetrics, observeScenes, type SceneMetrics } from './scene-metrics.ts'
import { Scenes, type ScenesSettings } from './scenes.ts'
import type { ViewerTallies } from './viewer-links.ts'
import { World } from './world.ts'

/** The world of a game server, and what belongs to it. */
export interface OpenedWorld {
  readonly world: World
  readonly rewards: Rewards
  readonly notes: PlaceNotes
}

/** What else the world needs of the server. */
export interface OpenWorldDeps {
  readonly peer: RpcPeer
  readonly actors: RoleActors
  readonly give: RewardsOptions['give']
  readonly teamOf: RewardsOptions['teamOf']
}

/** Makes the world of this server. Nothing of it runs before somebody enters. */
export function openWorld(parts: Parts, { peer, actors, give, teamOf }: OpenWorldDeps): OpenedWorld {
  const { config, tables, cluster, clock, random, log, metrics, serverId } = parts
  const { scene: settings } = config
  const sceneMetrics = createSceneMetrics(metrics)
  const { joinTimeoutMs: timeoutMs, joinsParallel } = settings
  const links = new GateLinks({ peer, log, timeoutMs, parallel: joinsParallel })
  const placement = new Placement({ peer, registry: cluster.registry })
  const rewards = new Rewards({
    give,
    teamOf,
    uidOf: (rid) => world.find(rid)?.uid,
    log,
    outcomes: sceneMetrics.rewards,
    pendingMax: settings.rewardsMax,
    parallel: settings.rewardsParallel,
  })
  const scenes = new Scenes({
    tables,
    clock,
    random,
    log,
    settings: settingsOf(config),
    links,
    tallies: talliesOf(parts, sceneMetrics),
    metrics: sceneMetrics,
    isHere: (id) => placement.isHere(id),
    onEnd: (hosted, end) => world.sceneEnded(hosted, end),
  })
  const { tickMs } = settings
  const world: World = new World({ tables, scenes, placement, links, serverId, clock, tickMs })
  observeScenes(metrics, scenes)
  const notes = new PlaceNotes({
    actors,
    rids: () => world.rids(),
    ruleOf: (rid) => world.placeRule(rid),
    clock,
    log,
    intervalMs: settings.savePlaceMs,
    parallel: settings.savesParallel,
    boundMs: settings.savePlaceMs,
  })
  return { world, rewards, notes }
}

function settingsOf({ scene, sceneRules }: Pick<GameConfig, 'scene' | 'sceneRules'>): ScenesSettings {
  const { tickMs, catchUpMax, instancesMax, emptyMs, moveAfterMs, beatTicks, joinAttemptsMax } = scene
  const joinRetryTicks = Math.ceil(scene.joinRetryMs / tickMs)
  return {
    tickMs,
    catchUpMax,
    instancesMax,
    emptyMs,
    moveAfterMs,
    beatTicks,
    joinAttemptsMax,
    joinRetryTicks,
    rules: { ...sceneSettings, ...sceneRules },
  }
}

function talliesOf({ log }: Parts, { pushes, joinFailures }: SceneMetrics): ViewerTallies {
  const sent = {
    delta: pushes.child({ kind: 'delta' }),
    beat: pushes.child({ kind: 'beat' }),
    view: pushes.child({ kind: 'view' }),
  }
  return {
    sent: (kind, count) => sent[kind].inc(count),
    joinFailed({ rid, session }, err, isGivenUp) {
      const outcome = isGivenUp ? 'given-up' : 'retried'
      joinFailures.inc({ code: HydraError.from(err).code, outcome })
      const { gateId, sessionId } = session
      if (isGivenUp)
        log.warn({ rid, gateId, sessionId, err }, 'a player does not see its scene until it asks again')
    },
  }
}
