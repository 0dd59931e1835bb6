import { createRoleOwnership, createRoleQueue, type RoleOwnership, type RoleQueue } from '@hydra/persistence'
import {
  createRpcPeer,
  internalProtocol,
  type RefusedCall,
  type RpcPeer,
  type ServerRecord,
} from '@hydra/rpc'
import { createEventLog, noTracer } from '@hydra/runtime'
import { limitParallel } from './actor/limit-parallel.ts'
import type { RoleActorHost } from './actor/role-actor-host.ts'
import type { RoleActors } from './actor/role-actors.ts'
import type { GameAppOptions } from './app.ts'
import type { GameMetrics } from './game-metrics.ts'
import { GameEventLog } from './event-log/game-event-log.ts'
import { Refusals } from './refusals.ts'
import { ChatLink } from './role/chat-link.ts'
import { endSession } from './role/end-session.ts'
import { measuredLoad, retakeRole } from './role/load-role.ts'
import { LateArrivals } from './role/late-arrivals.ts'
import { newestSessionEpoch } from './role/newest-session.ts'
import { Recovery } from './role/recovery.ts'
import { LedgerArchiver } from './ledger/ledger-archiver.ts'
import { LedgerPages } from './ledger/ledger-pages.ts'
import type { RoleState } from './role/role.ts'
import { RoleTopic } from './role/role-topic.ts'
import type { World } from './scene/host/world.ts'
import type { TellRole } from './role/tell-role.ts'
import type { RoleEvents } from './role/role-events.ts'
import { TeamChanges } from './team/change-team.ts'
import { TeamSweep } from './team/team-sweep.ts'
import { Teams } from './team/teams.ts'
import { TeamTelling, type TeamTellingDeps } from './team/tell-team.ts'
import { HoldResolver } from './wallet/resolve-holds.ts'

/** {@link GameAppOptions} with nothing left open. */
export interface Parts extends GameAppOptions {
  readonly random: () => number
  readonly serverId: string
  readonly gameMetrics: GameMetrics
  /** Whether a server has left the registry. While that is away its view may miss one that has just started. */
  readonly isGone: (server: string) => boolean
}

/** The way of changed roles into the stores. */
export function openQueue(
  { config, storage, clock, log, metrics, random }: Parts,
  onFenced: (rid: string, epoch: number) => void,
): RoleQueue {
  const { roles, stores } = storage
  const { roleQueue } = config
  return createRoleQueue({
    journal: stores.roleJournal,
    roles,
    clock,
    log,
    metrics,
    random,
    config: roleQueue,
    onFenced,
  })
}

/** This server's end of all calls. */
export function openPeer(
  { config, cluster, serverId, clock, ids, log, metrics, tracer = noTracer }: Parts,
  onRefused: (refused: RefusedCall) => void,
): Promise<RpcPeer> {
  const self = { id: serverId, type: 'game' } as const
  const { env } = config.cluster
  const limits = config.rpc
  return createRpcPeer({ self, env, ...cluster, clock, ids, log, metrics, limits, tracer, onRefused })
}

/** What is recorded for those who look into it later. */
export function openEventLog({ config, serverId, clock, log, metrics }: Parts): GameEventLog {
  const options = { config: config.eventLog, service: 'game', server: serverId, clock, log, metrics }
  return new GameEventLog(createEventLog(options), clock)
}

/** What notes refusals that smell of cheating. */
export function openRefusals({ config, clock, log, gameMetrics }: Parts, eventLog: GameEventLog): Refusals {
  const { refusals } = gameMetrics
  return new Refusals({ clock, log, eventLog, refusals, ...config.refusals })
}

/** What tells chat. */
export function openChatLink(
  { config, clock, ids, random, log, gameMetrics }: Parts,
  peer: RpcPeer,
): ChatLink {
  const failures = gameMetrics.chatFailures
  return new ChatLink({ peer, clock, ids, random, log, failures, backoff: backoffOf(config), ...config.chat })
}

/** Roles that chat could not be told of. */
export function openLateArrivals(
  { config, clock, log }: Parts,
  chat: ChatLink,
  actors: RoleActors,
): LateArrivals {
  const { tellAgainMs: intervalMs } = config.chat
  return new LateArrivals({ actors, chat, clock, log, intervalMs, waitingMax: config.role.actorsMax })
}

/** What looks after payments that were left behind. */
export function openHoldResolver(
  { config, clock, log, gameMetrics }: Parts,
  peer: RpcPeer,
  actors: RoleActors,
): HoldResolver {
  const { holdMaxMs, resolveIntervalMs: intervalMs } = config.wallet
  const { timeoutMs } = config.chat
  const resolved = gameMetrics.holdsResolved
  return new HoldResolver({ peer, actors, clock, log, resolved, holdMaxMs, intervalMs, timeoutMs })
}

/** The older entries of ledgers. */
export function openLedgerPages({ config, storage }: Parts): LedgerPages {
  return new LedgerPages(storage.objects, config.ledger.pagesMax)
}

/** What takes older entries out of the ledgers of roles. */
export function openLedgerArchiver(parts: Parts, pages: LedgerPages, actors: RoleActors): LedgerArchiver {
  const { config, clock, random, log, gameMetrics } = parts
  const archived = gameMetrics.ledgerPages
  return new LedgerArchiver({ pages, actors, clock, random, log, archived, backoff: backoffOf(config) })
}

/** Teams, and what looks after them once there are actors. */
export function openTeams(
  parts: Parts,
  tell: TellRole,
  chat: ChatLink,
  peek: (rid: string) => RoleState | undefined,
): { readonly teams: Teams; readonly sweepOf: (actors: RoleActors) => TeamSweep } {
  const { config, storage, isGone, clock, ids, log, gameMetrics } = parts
  const { teams: store, roleJournal: journal } = storage.stores
  const { teamChanges, teamConflicts: conflicts, teamsToldAgain: toldAgain } = gameMetrics
  const { sweepIntervalMs: intervalMs, tellAgainMs, memberLostMs, ...settings } = config.team
  const renewOf: TeamTellingDeps['renewOf'] = (rid, unless) => changes.renewOf(rid, unless)
  const telling = new TeamTelling({ tell, chat, store, renewOf, clock, log })
  const made = { store, telling, clock, ids, log, changes: teamChanges, conflicts, tellAgainMs }
  const changes: TeamChanges = new TeamChanges(made)
  const teams = new Teams({ store, journal, changes, settings, isGone, peek, clock, log })
  const sweep = {
    store,
    teams,
    changes,
    telling,
    clock,
    log,
    toldAgain,
    memberLostMs,
    intervalMs,
    tellAgainMs,
  }
  return { teams, sweepOf: (actors) => new TeamSweep({ ...sweep, actors }) }
}

/** What lets sessions receive what is told to their role. */
export function openRoleTopic({ config, clock, random, log, gameMetrics }: Parts, peer: RpcPeer): RoleTopic {
  const failures = gameMetrics.roleTopicFailures
  const { joinTimeoutMs: timeoutMs } = config.scene
  const backoff = backoffOf(config)
  return new RoleTopic({ peer, clock, random, log, failures, timeoutMs, attemptsMax: 2, backoff })
}

/** Who may write a role. */
export function openOwnership({ serverId, storage, isGone, clock, log }: Parts): RoleOwnership {
  const { roles, stores } = storage
  return createRoleOwnership({ owner: serverId, journal: stores.roleJournal, roles, isGone, clock, log })
}

/** What saves the roles of servers that are gone. */
export function openRecovery(parts: Parts): Recovery {
  const { config, serverId, storage, cluster, isGone, clock, random, log, gameMetrics } = parts
  const { tracer = noTracer } = parts
  const { roles, stores } = storage
  return new Recovery({
    owner: serverId,
    journal: stores.roleJournal,
    roles,
    registry: cluster.registry,
    isGone,
    clock,
    random,
    backoff: backoffOf(config),
    log,
    tracer,
    recovered: gameMetrics.recovered,
  })
}

/** What actors need of this server. */
export function createHost(
  parts: Parts,
  made: {
    readonly queue: RoleQueue
    readonly ownership: RoleOwnership
    readonly chat: ChatLink
    readonly events: RoleEvents
    readonly stored: RoleActorHost['stored']
    /** Who is in which scene; made when there are actors. */
    readonly world: () => World
    readonly teams: Teams
  },
): Omit<RoleActorHost, 'ended'> {
  const { queue, ownership, chat, events, stored, world, teams } = made
  const { config, storage, clock, random, log, gameMetrics } = parts
  const { sessions } = storage.stores
  const { graceMs, mailboxMaxJobs, loadsParallel, ackInMemory } = config.role
  const loading = { ownership, queue, roles: storage.roles, log }
  return {
    clock,
    random,
    log,
    queue,
    settings: {
      graceMs,
      mailboxMaxJobs,
      ackInMemory: new Set<string>(ackInMemory),
      handOverMs: config.scene.handOverMs,
      leaveBackoff: backoffOf(config),
    },
    newestSessionEpoch: (uid) => newestSessionEpoch(sessions, uid, log),
    load: limitParallel(loadsParallel, measuredLoad(loading, gameMetrics, clock)),
    retake: (role) => retakeRole(loading, role),
    release: ({ state, epoch, journalled }) => ownership.release({ ...state, epoch, journalled }),
    async changed(before, after) {
      events.changed(before, after)
      world().changed(after)
      await chat.updated(after)
      await teams.changed(after.rid)
    },
    stored,
    away: (rid, isAway) => world().away(rid, isAway),
    leaving: (rid) => world().placeRule(rid),
    endSession: (rid, uid, leave) => endSession({ sessions, chat, teams }, rid, uid, leave),
  }
}

/** What the registry shows of this server. */
export function ownRecord({ config, serverId, clock }: Parts): ServerRecord {
  const { zone, host } = config.cluster
  return {
    id: serverId,
    type: 'game',
    zone,
    host,
    state: 'ready',
    metadata: {},
    startedAtMs: clock.nowMs(),
    protocol: internalProtocol,
  }
}

const backoffOf = ({ role }: GameAppOptions['config']) => ({
  minMs: role.leaveRetryMinMs,
  maxMs: role.leaveRetryMaxMs,
})
