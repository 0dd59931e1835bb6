import type {
  Alliances,
  AllianceViews,
  ChatArchive,
  ChatLog,
  ChatMarkers,
  ChatTeams,
  PresenceStore,
  StorageObjects,
} from '@hydra/persistence'
import type { Registry, RpcPeer, ServiceHandlers } from '@hydra/rpc'
import type { Clock, Ids, Logger } from '@hydra/runtime'
import type { AllianceRosters } from './alliance/alliance-rosters.ts'
import type { ChannelPosts } from './channel/channel-posts.ts'
import type { ChannelWriter } from './channel/channel-writer.ts'
import type { GateTopics } from './channel/gate-topics.ts'
import type { SendRates } from './channel/send-rates.ts'
import type { ChatMetrics } from './chat-metrics.ts'
import type { ChatConfig } from './config.ts'
import type { StoredRole } from './presence/stored-role.ts'
import type { WordFilter } from './words/word-filter.ts'

/** What handlers have at hand. A feature that needs more adds it here and in `start-chat.ts`. */
export interface Chat {
  readonly chatLog: ChatLog
  readonly chatMarkers: ChatMarkers
  readonly chatTeams: ChatTeams
  readonly chatArchive: ChatArchive
  readonly presence: PresenceStore
  readonly alliances: Alliances
  readonly allianceViews: AllianceViews
  /** Alliances with their members, as everybody reads them. */
  readonly rosters: AllianceRosters
  readonly objects: StorageObjects
  readonly topics: GateTopics
  readonly peer: Pick<RpcPeer, 'id' | 'call' | 'pick' | 'publish'>
  readonly registry: Pick<Registry, 'get' | 'connected'>
  /** Says something in a channel, wherever its messages are numbered. */
  readonly posts: ChannelPosts
  /** Numbers, stores and pushes the messages of the channels that this server has. */
  readonly writer: ChannelWriter
  readonly rates: SendRates
  readonly words: WordFilter
  readonly config: Pick<ChatConfig, 'channel' | 'presence' | 'alliance'>
  readonly clock: Clock
  readonly ids: Ids
  readonly log: Logger
  readonly metrics: ChatMetrics
  /** A role as last stored, whether it is online or not. */
  storedRole(rid: string): Promise<StoredRole | undefined>
}

/**
 * How a handler file is written: given the chat, it answers the function for its route.
 *
 * @example
 * export const list: ChatHandler<'chat.mute.list'> = (chat) => async ({ session }) => ({
 *   rids: await mutedRoles(chat, session.rid),
 * })
 */
export type ChatHandler<Name extends keyof ServiceHandlers<'chat'>> = (
  chat: Chat,
) => ServiceHandlers<'chat'>[Name]
