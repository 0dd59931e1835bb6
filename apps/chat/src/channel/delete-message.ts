import { pushes } from '@hydra/protocol'
import type { Chat } from '../chat.ts'
import { isArchived, type Channel } from './channel.ts'

/**
 * Takes a message out of the history and tells clients. Answers whether there was one. The log first: what it shows as
 * deleted from then on is archived as deleted, and what is on its way to the archive just then finds the mark there.
 *
 * @throws HydraError `STORAGE_UNAVAILABLE`: to be repeated.
 */
export async function deleteMessage(
  { chatLog, chatArchive, peer, log, metrics }: Chat,
  channel: Channel,
  seq: number,
): Promise<boolean> {
  let found = await chatLog.delete(channel.key, seq)
  if (isArchived(channel)) {
    if (!found) {
      const [message] = await chatArchive.page(channel.key, { afterSeq: seq - 1, limit: 1 })
      found = message?.seq === seq
    }
    if (found) await chatArchive.delete(channel.key, seq)
  }
  if (!found) return false
  metrics.deleted.inc({ kind: channel.kind })
  for (const topic of channel.topics) {
    try {
      peer.publish(topic, pushes.chat.channel.deleted, { channel: channel.key, seq })
    } catch (err) {
      log.warn({ channel: channel.key, seq, err }, 'a message was deleted, but clients were not told')
    }
  }
  return true
}
