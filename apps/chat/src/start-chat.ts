import { createRpcPeer, internalProtocol, type RpcPeer, type ServerRecord } from '@hydra/rpc'
import { noTracer, type Lifecycle } from '@hydra/runtime'
import { AllianceRosters } from './alliance/alliance-rosters.ts'
import { AllianceWatch } from './alliance/alliance-watch.ts'
import { announceDraining } from './announce-draining.ts'
import type { ChatAppOptions } from './app.ts'
import { Archiver } from './channel/archiver.ts'
import { ChannelPosts } from './channel/channel-posts.ts'
import { ChannelWriter } from './channel/channel-writer.ts'
import { GateTopics } from './channel/gate-topics.ts'
import { SendRates } from './channel/send-rates.ts'
import type { Chat } from './chat.ts'
import { createChatMetrics, type ChatMetrics } from './chat-metrics.ts'
import { createHandlers } from './handlers.ts'
import { arrive } from './presence/arrive.ts'
import { compareMemberships } from './presence/compare-memberships.ts'
import { PresenceSweep } from './presence/presence-sweep.ts'
import { findStoredRole } from './presence/stored-role.ts'
import { ReloadableWords, type ReloadableWordsOptions } from './words/reloadable-words.ts'
import type { WordFilter } from './words/word-filter.ts'

const dayMs = 86_400_000

/** Starts the parts of a chat server, each above those it needs; `lifecycle` stops them in reverse. */
export async function startChat(
  options: ChatAppOptions,
  lifecycle: Lifecycle,
): Promise<{ readonly serverId: string }> {
  const { config, cluster, clock, ids } = options
  const serverId = ids.next()
  const log = options.log.child({ server: serverId })
  const metrics = createChatMetrics(options.metrics)

  const words = await lifecycle.start(
    'words',
    () => openWords({ ...config.words, clock, log, metrics }),
    (part) => part.stop(),
  )
  const peer = await lifecycle.start(
    'peer',
    () => openPeer(options, serverId),
    (part) => part.close(config.drain.callsMs),
  )
  const chat = createChat({ ...options, log }, peer, words, metrics)
  await peer.serve('chat', createHandlers(chat))
  const announcement = await lifecycle.start(
    'announcement',
    () => cluster.registry.announce(ownRecord(options, serverId)),
    (part) => part.withdraw(),
  )
  // Answered before the record goes: callers take its end for the end of their calls.
  await lifecycle.start(
    'calls under way',
    () => peer,
    (part) => part.drain(config.drain.callsMs),
  )
  await lifecycle.start(
    'archiver',
    () => createArchiver(chat, options).start(),
    (part) => part.stop(),
  )
  await lifecycle.start(
    'presence sweep',
    () => createSweep(chat).start(),
    (part) => part.stop(),
  )
  await lifecycle.start(
    'alliance watch',
    () => new AllianceWatch(chat).start(),
    (part) => part.stop(),
  )
  await lifecycle.start(
    'readiness for new calls',
    () => announcement,
    (part) => announceDraining(part, { clock, log, timeoutMs: config.drain.announceMs }),
  )
  return { serverId }
}

async function openWords(options: ReloadableWordsOptions): Promise<ReloadableWords> {
  const words = new ReloadableWords(options)
  await words.start()
  return words
}

function openPeer(options: ChatAppOptions, id: string): Promise<RpcPeer> {
  const { config, cluster, clock, ids, metrics, tracer = noTracer } = options
  const { env } = config.cluster
  const log = options.log.child({ server: id })
  return createRpcPeer({
    self: { id, type: 'chat' },
    env,
    ...cluster,
    clock,
    ids,
    log,
    metrics,
    limits: config.rpc,
    tracer,
  })
}

function createChat(
  { config, cluster, storage, clock, ids, log }: ChatAppOptions,
  peer: RpcPeer,
  words: WordFilter,
  metrics: ChatMetrics,
): Chat {
  const { roles, objects, alliances, chatArchive } = storage
  const { chatLog, chatMarkers, chatTeams, presence, allianceViews, roleJournal: journal } = storage.stores
  const { gateTimeoutMs, postTimeoutMs } = config.channel
  const writer = new ChannelWriter({ chatLog, chatArchive, peer, clock, log, metrics, ...config.channel })
  return {
    chatLog,
    chatMarkers,
    chatArchive,
    chatTeams,
    presence,
    alliances,
    allianceViews,
    rosters: new AllianceRosters({ alliances, allianceViews, log }),
    objects,
    topics: new GateTopics({ peer, log, timeoutMs: gateTimeoutMs }),
    peer,
    registry: cluster.registry,
    posts: new ChannelPosts({ peer, writer, clock, ids, log, timeoutMs: postTimeoutMs }),
    writer,
    rates: new SendRates(config.rates, clock),
    words,
    config,
    clock,
    ids,
    log,
    metrics,
    storedRole: (rid) => findStoredRole({ journal, roles }, rid),
  }
}

const createSweep = (chat: Chat): PresenceSweep =>
  new PresenceSweep({
    ...chat,
    rejoin: (noted) => arrive(chat, noted),
    compare: (page) => compareMemberships(chat, page),
  })

function createArchiver(
  chat: Chat,
  { config: { channel }, tracer = noTracer }: Pick<ChatAppOptions, 'config' | 'tracer'>,
): Archiver {
  const { chatLog, chatArchive, posts, clock, log, metrics } = chat
  return new Archiver({
    chatLog,
    chatArchive,
    isHere: (each) => posts.isHere(each),
    clock,
    log,
    metrics,
    tracer,
    intervalMs: channel.archiveIntervalMs,
    keepMs: channel.archiveDays * dayMs,
  })
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
