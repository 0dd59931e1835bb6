import type { Lifecycle } from '@hydra/runtime'
import { IdleSweep } from './actor/idle-sweep.ts'
import { OwnershipRenewal } from './actor/ownership-renewal.ts'
import { StrayRoles } from './actor/stray-roles.ts'
import { RoleActors } from './actor/role-actors.ts'
import type { GameAppOptions, StartedGame } from './app.ts'
import { DailyTimer } from './daily/daily-timer.ts'
import { GameDays } from './daily/game-day.ts'
import { announceDraining, drainRoles, drainWorld } from './drain-game.ts'
import { startOnlineCount } from './event-log/online-count.ts'
import type { Game } from './game.ts'
import { createGameMetrics, observeActors } from './game-metrics.ts'
import { createHandlers } from './handlers.ts'
import {
  createHost,
  openChatLink,
  openEventLog,
  openHoldResolver,
  openLateArrivals,
  openLedgerArchiver,
  openLedgerPages,
  openOwnership,
  openPeer,
  openQueue,
  openRecovery,
  openRefusals,
  openRoleTopic,
  openTeams,
  ownRecord,
  type Parts,
} from './open-parts.ts'
import type { Recovery } from './role/recovery.ts'
import { onRoleEnded } from './role/role-ended.ts'
import { RoleEvents } from './role/role-events.ts'
import { createTellRole } from './role/tell-role.ts'
import { giveShare } from './scene/host/give-share.ts'
import { openWorld } from './scene/host/open-world.ts'
import { roleDataReadiness } from './role-data-readiness.ts'

/** Starts the parts of a game server, each above those it needs; `lifecycle` stops them in reverse. */
export async function startGame(options: GameAppOptions, lifecycle: Lifecycle): Promise<StartedGame> {
  const serverId = options.ids.next()
  const log = options.log.child({ server: serverId })
  const gameMetrics = createGameMetrics(options.metrics)
  const { registry } = options.cluster
  const isGone = (id: string) => registry.connected && registry.get(id) === undefined
  const parts: Parts = { random: Math.random, ...options, log, serverId, gameMetrics, isGone }
  const { config, storage, clock, ids, metrics, tables, random } = parts
  const { sessions } = storage.stores

  const eventLog = await lifecycle.start(
    'event log',
    () => openEventLog(parts),
    (part) => part.close(),
  )
  const refusals = openRefusals(parts, eventLog)
  const queue = await lifecycle.start(
    'role queue',
    () => openQueue(parts, (rid, epoch) => actors.fenced(rid, epoch)),
    (part) => part.close(),
  )
  await lifecycle.start(
    'readiness of role data',
    () => options.readiness?.add(roleDataReadiness(queue)),
    (remove) => remove?.(),
  )
  const peer = await lifecycle.start(
    'peer',
    () => openPeer(parts, (refused) => refusals.note(refused)),
    (part) => part.close(config.drain.callsMs),
  )
  const chat = openChatLink(parts, peer)
  const ownership = openOwnership(parts)
  const events = new RoleEvents({ peer, log })
  const tell = createTellRole({ peer, log })
  const { teams, sweepOf } = openTeams(parts, tell, chat, (rid) => actors.peek(rid))
  const host = createHost(parts, {
    queue,
    ownership,
    chat,
    events,
    teams,
    stored: (state, before) => {
      archiver.request(state)
      if (before !== undefined) return eventLog.changed(before, state)
      const session = actors.sessionOf(state.rid)
      if (session !== undefined) late.note(state.rid, session)
    },
    world: () => world,
  })
  const tellEnded = onRoleEnded({ events, eventLog, log, metrics: gameMetrics })
  const actors = new RoleActors({
    host,
    actorsMax: config.role.actorsMax,
    drainParallel: config.drain.parallel,
    onEnded: (actor) => {
      world.ended(actor.rid)
      tellEnded(actor)
    },
  })
  observeActors(metrics, actors)
  const { roles } = storage
  const { endSession } = host
  const holds = openHoldResolver(parts, peer, actors)
  const late = openLateArrivals(parts, chat, actors)
  const ledgerPages = openLedgerPages(parts)
  const archiver = openLedgerArchiver(parts, ledgerPages, actors)
  const days = new GameDays(config.daily)
  const roleTopic = openRoleTopic(parts, peer)
  const giving = { actors, tables, clock, random, tell, days }
  const { world, rewards, notes } = openWorld(parts, {
    peer,
    actors,
    give: (role, kill, share) => giveShare(giving, role, kill, share),
    teamOf: (rid) => teams.membersOf(rid),
  })
  const game: Game = {
    actors,
    roles,
    chat,
    late,
    events,
    holds,
    teams,
    clock,
    ids,
    log,
    endSession,
    tables,
    random,
    ledgerPages,
    tell,
    eventLog,
    days,
    roleTopic,
    world,
    rewards,
    dailyReward: { gold: config.daily.gold, gems: config.daily.gems },
  }
  await peer.serve('game', createHandlers(game))

  const announcement = await lifecycle.start(
    'announcement',
    () => registry.announce(ownRecord(parts)),
    (part) => part.withdraw(),
  )
  // Answered before the record goes: callers take its end for the end of their calls.
  await lifecycle.start(
    'calls under way',
    () => peer,
    (part) => part.drain(config.drain.callsMs),
  )
  await lifecycle.start(
    'roles',
    () => actors,
    () => drainRoles({ actors, queue, config: config.drain, log }),
  )
  await lifecycle.start(
    'world',
    () => notes.start(),
    () => drainWorld({ notes, world, rewards, clock, config: config.drain, log }),
  )
  const recovery = await lifecycle.start(
    'recovery',
    () => openRecovery(parts),
    (part) => part.stop(),
  )
  const { idleMs, sweepIntervalMs, renewIntervalMs: intervalMs, loadsParallel } = config.role
  const { renewals } = gameMetrics
  await lifecycle.start(
    'ownership renewal',
    () =>
      new OwnershipRenewal({
        actors,
        ownership,
        clock,
        log,
        renewals,
        intervalMs,
        retakesParallel: loadsParallel,
      }).start(),
    (part) => part.stop(),
  )
  await lifecycle.start(
    'stray roles',
    () =>
      new StrayRoles({
        owner: serverId,
        actors,
        journal: storage.stores.roleJournal,
        roles,
        clock,
        log,
        strays: gameMetrics.strays,
        intervalMs: sweepIntervalMs,
      }).start(),
    (part) => part.stop(),
  )
  await lifecycle.start(
    'sweep',
    () => new IdleSweep({ actors, sessions, registry, clock, log, idleMs, sweepIntervalMs }).start(),
    (part) => part.stop(),
  )
  await lifecycle.start(
    'payments left behind',
    () => holds.start(),
    (part) => part.stop(),
  )
  await lifecycle.start(
    'roles that chat does not know',
    () => late.start(),
    (part) => part.stop(),
  )
  await lifecycle.start(
    'archive of ledgers',
    () => archiver,
    (part) => part.stop(),
  )
  await lifecycle.start(
    'teams',
    () => sweepOf(actors).start(),
    (part) => part.stop(),
  )
  await lifecycle.start(
    'count of played roles',
    () => startOnlineCount({ actors, eventLog, clock, intervalMs: config.eventLog.onlineIntervalMs }),
    (part) => part.cancel(),
  )
  await lifecycle.start(
    'daily reset',
    () => new DailyTimer({ days, actors, tell, clock, log, resets: gameMetrics.dailyResets }).start(),
    (part) => part.stop(),
  )
  await lifecycle.start(
    'registry watch',
    () => watchRegistry(parts, actors, recovery),
    (unwatch) => unwatch(),
  )
  recovery.request()
  await lifecycle.start(
    'readiness for new roles',
    () => announcement,
    (part) => announceDraining(part, { clock, config: config.drain, log }),
  )
  return { serverId, game }
}

function watchRegistry({ cluster, log }: Parts, actors: RoleActors, recovery: Recovery): () => void {
  return cluster.registry.watch(({ kind, server }) => {
    if (kind !== 'left') return
    if (server.type === 'game') recovery.request()
    if (server.type !== 'gate') return
    const fields = { gateId: server.id, roles: actors.gateLost(server.id) }
    if (fields.roles > 0) log.warn(fields, 'a gate has left; its roles wait for their players')
  })
}
