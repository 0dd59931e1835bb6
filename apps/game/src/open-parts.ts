import { createRoleOwnership, createRoleQueue, type RoleOwnership, type RoleQueue } from '@hydra/persistence'
import { createRpcPeer, internalProtocol, type RpcPeer, type ServerRecord } from '@hydra/rpc'
import { limitParallel } from './actor/limit-parallel.ts'
import type { RoleActorHost } from './actor/role-actor-host.ts'
import type { RoleActors } from './actor/role-actors.ts'
import type { GameAppOptions } from './app.ts'
import type { GameMetrics } from './game-metrics.ts'
import { ChatLink } from './role/chat-link.ts'
import { endSession } from './role/end-session.ts'
import { measuredLoad, retakeRole } from './role/load-role.ts'
import { newestSessionEpoch } from './role/newest-session.ts'
import { Recovery } from './role/recovery.ts'
import type { RoleEvents } from './role/role-events.ts'
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
export function openPeer({ config, cluster, serverId, clock, ids, log, metrics }: Parts): Promise<RpcPeer> {
  const self = { id: serverId, type: 'game' } as const
  const { env } = config.cluster
  return createRpcPeer({ self, env, ...cluster, clock, ids, log, metrics, limits: config.rpc })
}

/** What tells chat. */
export function openChatLink(
  { config, clock, ids, random, log, gameMetrics }: Parts,
  peer: RpcPeer,
): ChatLink {
  const failures = gameMetrics.chatFailures
  return new ChatLink({ peer, clock, ids, random, log, failures, backoff: backoffOf(config), ...config.chat })
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

/** Who may write a role. */
export function openOwnership({ serverId, storage, isGone, clock, log }: Parts): RoleOwnership {
  const { roles, stores } = storage
  return createRoleOwnership({ owner: serverId, journal: stores.roleJournal, roles, isGone, clock, log })
}

/** What saves the roles of servers that are gone. */
export function openRecovery(parts: Parts): Recovery {
  const { config, serverId, storage, cluster, isGone, clock, random, log, gameMetrics } = parts
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
  },
): Omit<RoleActorHost, 'ended'> {
  const { queue, ownership, chat, events } = made
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
      leaveBackoff: backoffOf(config),
    },
    newestSessionEpoch: (uid) => newestSessionEpoch(sessions, uid, log),
    load: limitParallel(loadsParallel, measuredLoad(loading, gameMetrics, clock)),
    retake: (role) => retakeRole(loading, role),
    release: ({ state, epoch, journalled }) => ownership.release({ ...state, epoch, journalled }),
    async changed(before, after) {
      events.changed(before, after)
      await chat.updated(after)
    },
    endSession: (rid, uid, leave) => endSession({ sessions, chat }, rid, uid, leave),
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
