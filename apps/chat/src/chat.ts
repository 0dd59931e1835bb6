import type { ChatLog, PresenceStore } from '@hydra/persistence'
import type { RpcPeer, ServiceHandlers } from '@hydra/rpc'
import type { Clock, Logger } from '@hydra/runtime'
import type { GateTopics } from './channel/gate-topics.ts'
import type { ChatMetrics } from './chat-metrics.ts'

/** What handlers have at hand. A feature that needs more adds it here and in `app.ts`. */
export interface Chat {
  readonly chatLog: ChatLog
  readonly presence: PresenceStore
  readonly topics: GateTopics
  readonly peer: Pick<RpcPeer, 'publish'>
  readonly clock: Clock
  readonly log: Logger
  readonly metrics: ChatMetrics
  /** The name of an account's role as last stored, for a role whose presence is unknown. */
  storedName(rid: string, uid: string): Promise<string | undefined>
}

/**
 * How a handler file is written: given the chat, it answers the function for its route.
 *
 * @example
 * export const rename: ChatHandler<'chat.presence.rename'> = ({ presence }) => async (_context, { rid, name }) => {
 *   await presence.rename(rid, name)
 *   return {}
 * }
 */
export type ChatHandler<Name extends keyof ServiceHandlers<'chat'>> = (
  chat: Chat,
) => ServiceHandlers<'chat'>[Name]
