import type { ChatHandler } from '../chat.ts'
import { channelEnd } from './channel-ends.ts'
import { joinedChannel } from './joined-channel.ts'
import { toMessage } from './message-view.ts'
import { readHistory } from './read-history.ts'

/** Reads one message more than asked for, to know whether there are more. */
export const history: ChatHandler<'chat.channel.history'> =
  (chat) =>
  async ({ session }, { channel: name, limit, beforeSeq, afterSeq }) => {
    const { channel, member } = await joinedChannel(chat, session, name)
    const [page, { lastSeq, baseSeq }] = await Promise.all([
      readHistory(chat, channel, {
        limit: limit + 1,
        ...(beforeSeq === undefined ? {} : { beforeSeq }),
        ...(afterSeq === undefined ? {} : { afterSeq }),
      }),
      channelEnd(chat, channel),
    ])
    chat.metrics.historyReads.inc()
    const messages = afterSeq === undefined ? page.slice(-limit) : page.slice(0, limit)
    return {
      messages: messages.map((message) => toMessage(channel, member.rid, message)),
      hasMore: page.length > limit,
      // Read beside the page: what was said in between is in the one and not counted in the other.
      lastSeq: Math.max(lastSeq, page.at(-1)?.seq ?? 0),
      ...(baseSeq === 0 ? {} : { baseSeq }),
    }
  }
