import { channelEnds } from '../channel/channel-ends.ts'
import type { Channel } from '../channel/channel.ts'
import type { Chat } from '../chat.ts'

/**
 * Lets a role begin to read channels at their ends: what was said before it came is not unread. Channels that it has
 * begun already go on where they were; when markers were lost, those begin again as well. To be done before the role
 * hears a channel, so that nothing falls between.
 *
 * @throws HydraError `STORAGE_UNAVAILABLE`.
 */
export async function beginMarkers(
  chat: Pick<Chat, 'chatLog' | 'chatArchive' | 'chatMarkers'>,
  rid: string,
  channels: readonly Channel[],
): Promise<void> {
  if (channels.length === 0) return
  const ends = await channelEnds(chat, channels)
  await chat.chatMarkers.begin(
    rid,
    channels.map(({ key: channel }, index) => ({ channel, seq: ends[index]?.lastSeq ?? 0 })),
  )
}
