import { createRpcPeer, internalProtocol, type ServerRecord } from '@hydra/rpc'
import type { Lifecycle } from '@hydra/runtime'
import type { ChatAppOptions } from './app.ts'
import { GateTopics } from './channel/gate-topics.ts'
import { createChatMetrics } from './chat-metrics.ts'
import { createHandlers } from './handlers.ts'
import { announceDraining } from './announce-draining.ts'
import { findStoredName } from './presence/stored-name.ts'

/** Starts the parts of a chat server, each above those it needs; `lifecycle` stops them in reverse. */
export async function startChat(
  options: ChatAppOptions,
  lifecycle: Lifecycle,
): Promise<{ readonly serverId: string }> {
  const { config, storage, cluster, clock, ids, metrics } = options
  const { chatLog, presence, roleJournal: journal } = storage.stores
  const { roles } = storage
  const serverId = ids.next()
  const log = options.log.child({ server: serverId })

  const self = { id: serverId, type: 'chat' } as const
  const { env } = config.cluster
  const peer = await lifecycle.start(
    'peer',
    () => createRpcPeer({ self, env, ...cluster, clock, ids, log, metrics, limits: config.rpc }),
    (part) => part.close(config.drain.callsMs),
  )
  const handlers = createHandlers({
    chatLog,
    presence,
    topics: new GateTopics({ peer, log, timeoutMs: config.channel.gateTimeoutMs }),
    peer,
    clock,
    log,
    metrics: createChatMetrics(metrics),
    storedName: (rid, uid) => findStoredName({ journal, roles }, rid, uid),
  })
  await peer.serve('chat', handlers)
  const announcement = await lifecycle.start(
    'announcement',
    () => cluster.registry.announce(ownRecord(options, serverId)),
    (part) => part.withdraw(),
  )
  await lifecycle.start(
    'readiness for new calls',
    () => announcement,
    (part) => announceDraining(part, { clock, log, timeoutMs: config.drain.announceMs }),
  )
  return { serverId }
}

function ownRecord({ config, clock }: ChatAppOptions, id: string): ServerRecord {
  const { zone, host } = config.cluster
  return {
    id,
    type: 'chat',
    zone,
    host,
    state: 'ready',
    metadata: {},
    startedAtMs: clock.nowMs(),
    protocol: internalProtocol,
  }
}
