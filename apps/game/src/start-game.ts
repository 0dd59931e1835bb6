import { createRoleOwnership, createRoleQueue, type RoleOwnership, type RoleQueue } from '@hydra/persistence'
import { createRpcPeer, internalProtocol, type RpcPeer, type ServerRecord } from '@hydra/rpc'
import type { Lifecycle } from '@hydra/runtime'
import { IdleSweep } from './actor/idle-sweep.ts'
import { limitParallel } from './actor/limit-parallel.ts'
import { OwnershipRenewal } from './actor/ownership-renewal.ts'
import { StrayRoles } from './actor/stray-roles.ts'
import type { RoleActorHost } from './actor/role-actor-host.ts'
import { RoleActors } from './actor/role-actors.ts'
import type { GameAppOptions } from './app.ts'
import { announceDraining, drainRoles } from './drain-game.ts'
import { createGameMetrics, observeActors, type GameMetrics } from './game-metrics.ts'
import { createHandlers } from './handlers.ts'
import { ChatLink } from './role/chat-link.ts'
import { endSession } from './role/end-session.ts'
import { measuredLoad, retakeRole } from './role/load-role.ts'
import { newestSessionEpoch } from './role/newest-session.ts'
import { Recovery } from './role/recovery.ts'
import { onRoleEnded } from './role/role-ended.ts'
import { roleDataReadiness } from './role-data-readiness.ts'

/** {@link GameAppOptions} with nothing left open. */
interface Parts extends GameAppOptions {
  readonly random: () => number
  readonly serverId: string
  readonly gameMetrics: GameMetrics
  /** Whether a server has left the registry. While that is away its view may miss one that has just started. */
  readonly isGone: (server: string) => boolean
}

/** Starts the parts of a game server, each above those it needs; `lifecycle` stops them in reverse. */
export async function startGame(
  options: GameAppOptions,
  lifecycle: Lifecycle,
): Promise<{ readonly serverId: string }> {
  const serverId = options.ids.next()
  const log = options.log.child({ server: serverId })
  const gameMetrics = createGameMetrics(options.metrics)
  const { registry } = options.cluster
  const isGone = (id: string) => registry.connected && registry.get(id) === undefined
  const parts: Parts = { random: Math.random, ...options, log, serverId, gameMetrics, isGone }
  const { config, storage, clock, ids, metrics } = parts
  const { sessions } = storage.stores

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
    () => openPeer(parts),
    (part) => part.close(config.drain.callsMs),
  )
  const chat = openChatLink(parts, peer)
  const ownership = openOwnership(parts)
  const host = createHost(parts, queue, ownership, chat)
  const actors = new RoleActors({
    host,
    actorsMax: config.role.actorsMax,
    drainParallel: config.drain.parallel,
    onEnded: onRoleEnded({ peer, log, metrics: gameMetrics }),
  })
  observeActors(metrics, actors)
  const { roles } = storage
  const { endSession } = host
  await peer.serve('game', createHandlers({ actors, roles, chat, clock, ids, log, endSession }))

  const announcement = await lifecycle.start(
    'announcement',
    () => registry.announce(ownRecord(parts)),
    (part) => part.withdraw(),
  )
  await lifecycle.start(
    'roles',
    () => actors,
    () => drainRoles({ actors, queue, config: config.drain, log }),
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
  return { serverId }
}

function openQueue(
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

function openPeer({ config, cluster, serverId, clock, ids, log, metrics }: Parts): Promise<RpcPeer> {
  const self = { id: serverId, type: 'game' } as const
  const { env } = config.cluster
  return createRpcPeer({ self, env, ...cluster, clock, ids, log, metrics, limits: config.rpc })
}

function openChatLink({ config, clock, random, log, gameMetrics }: Parts, peer: RpcPeer): ChatLink {
  const failures = gameMetrics.chatFailures
  return new ChatLink({ peer, clock, random, log, failures, backoff: backoffOf(config), ...config.chat })
}

function openOwnership({ serverId, storage, isGone, clock, log }: Parts): RoleOwnership {
  const { roles, stores } = storage
  return createRoleOwnership({ owner: serverId, journal: stores.roleJournal, roles, isGone, clock, log })
}

function openRecovery(parts: Parts): Recovery {
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

function createHost(
  parts: Parts,
  queue: RoleQueue,
  ownership: RoleOwnership,
  chat: ChatLink,
): Omit<RoleActorHost, 'ended'> {
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
    endSession: (rid, uid, leave) => endSession({ sessions, chat }, rid, uid, leave),
  }
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

function ownRecord({ config, serverId, clock }: Parts): ServerRecord {
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
