import type { ChatHandler } from '../chat.ts'
import { channelEnd } from './channel-ends.ts'
import { countUnread } from './count-unread.ts'
import { joinedChannel } from './joined-channel.ts'

/** A number that does not exist yet counts as the newest: a message to come must not be read beforehand. */
export const read: ChatHandler<'chat.channel.read'> =
  (chat) =>
  async ({ session }, { channel: name, seq }) => {
    const { channel, member } = await joinedChannel(chat, session, name)
    const end = await channelEnd(chat, channel)
    const readSeq = await chat.chatMarkers.move(member.rid, channel.key, Math.min(seq, end.lastSeq))
    return { readSeq, unread: countUnread(end, readSeq) }
  }
