import type { Conversation } from '@hydra/persistence'
import { HydraError, limits } from '@hydra/protocol'
import type { Chat } from '../chat.ts'

/**
 * The latest private conversations of a role. Where they are noted they may have been lost, and then some have come
 * since; so for each role they are read from the archive once, and again after each loss. While the archive is away the
 * answer is what is noted, and the next one who asks tries again.
 *
 * @throws HydraError `STORAGE_UNAVAILABLE`.
 */
export async function latestConversations(
  { chatMarkers, chatArchive, log }: Pick<Chat, 'chatMarkers' | 'chatArchive' | 'log'>,
  rid: string,
): Promise<readonly Conversation[]> {
  const max = limits.chatConversationsMax
  const [noted, isComplete] = await Promise.all([
    chatMarkers.conversations(rid, max),
    chatMarkers.isRestored(rid),
  ])
  if (isComplete) return noted
  let archived: readonly Conversation[]
  try {
    archived = await chatArchive.conversations(rid, max)
  } catch (err) {
    if (!HydraError.hasCode(err, 'STORAGE_UNAVAILABLE')) throw err
    log.warn({ rid, err }, 'conversations could not be read from the archive; some may be missing in a list')
    return noted
  }
  await chatMarkers.restore(rid, archived)
  return archived.length === 0 ? noted : chatMarkers.conversations(rid, max)
}
