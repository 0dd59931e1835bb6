import type { ChatHandler } from '../chat.ts'
import { joinedChannel } from './joined-channel.ts'

/** Reads one message more than asked for, to know whether there are more. */
export const history: ChatHandler<'chat.channel.history'> =
  (chat) =>
  async ({ session }, { channel: name, beforeSeq, limit }) => {
    const { channel } = await joinedChannel(chat, session, name)
    const page = await chat.chatLog.page(channel.name, {
      limit: limit + 1,
      ...(beforeSeq === undefined ? {} : { beforeSeq }),
    })
    chat.metrics.historyReads.inc()
    return { messages: page.slice(-limit), hasMore: page.length > limit }
  }
