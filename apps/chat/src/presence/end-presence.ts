import type { Presence } from '@hydra/persistence'
import { sharedChannel, topicsOf } from '../channel/channel.ts'
import type { Chat } from '../chat.ts'
import { publishPresence } from './publish-presence.ts'

/** What ending presence needs. */
export type EndPresenceChat = Pick<Chat, 'presence' | 'chatMarkers' | 'topics' | 'peer' | 'clock' | 'log'>

/**
 * Ends the presence of a role unless a newer session has entered it; answers what was ended. The session usually is
 * gone by now; one that goes on, with another role, stops receiving the channels of this one.
 *
 * @throws HydraError `STORAGE_UNAVAILABLE`: it may have ended nevertheless, and may be tried again.
 */
export async function endPresence(
  chat: EndPresenceChat,
  rid: string,
  sessionEpoch: number,
): Promise<Presence | undefined> {
  const lastSeenAtMs = chat.clock.nowMs()
  const left = await chat.presence.leave(rid, sessionEpoch, lastSeenAtMs)
  if (left === undefined) return undefined
  publishPresence(chat, left.allianceId, { rid, online: false, lastSeenAtMs })
  // The next time, the role may be put into any shard, and what was said there meanwhile is none of its business.
  const world = sharedChannel('world', left.world).key
  await Promise.all([chat.topics.leaveOrLog(left, topicsOf(left)), chat.chatMarkers.remove(rid, [world])])
  return left
}
