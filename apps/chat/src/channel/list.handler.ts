import type { ChatHandler } from '../chat.ts'
import { channelEnds } from './channel-ends.ts'
import { channelsOf, nameFor, privateChannel } from './channel.ts'
import { latestConversations } from './conversations.ts'
import { countUnread } from './count-unread.ts'
import { joinedMember } from './joined-channel.ts'

/**
 * Three round trips however many channels there are; after a loss of the log, one query of the archive more. While the
 * archive is away this still answers what else is known.
 */
export const list: ChatHandler<'chat.channel.list'> =
  (chat) =>
  async ({ session }) => {
    const member = await joinedMember(chat, session)
    const { rid } = member
    const talks = await latestConversations(chat, rid)
    const channels = [...channelsOf(member), ...talks.map((talk) => privateChannel(rid, talk.rid))]
    const keys = channels.map(({ key }) => key)
    const onArchiveAway = (err: unknown) =>
      chat.log.warn(
        { rid, err },
        'ends of channels could not be read from the archive; a list shows them as empty',
      )
    const [ends, readSeqs] = await Promise.all([
      channelEnds(chat, channels, { onArchiveAway }),
      chat.chatMarkers.get(rid, keys),
    ])
    return {
      channels: channels.map((channel, index) => {
        const end = ends[index] ?? { lastSeq: 0, baseSeq: 0 }
        const readSeq = readSeqs[index] ?? 0
        const { kind } = channel
        const unread = countUnread(end, readSeq)
        return { channel: nameFor(channel, rid), kind, lastSeq: end.lastSeq, readSeq, unread }
      }),
    }
  }
