import type { ChatHandler } from '../chat.ts'
import { channelOfKey } from './channel.ts'
import { channelUnknown } from './joined-channel.ts'

/** Whoever calls has made all checks. */
export const post: ChatHandler<'chat.channel.post'> =
  ({ writer }) =>
  async (_context, { channel: key, from, text: said, data, messageId, askedAtMs }) => {
    const channel = channelOfKey(key)
    if (channel === undefined) throw channelUnknown(key)
    const draft = {
      from,
      text: said,
      ...(data === undefined ? {} : { data }),
      ...(messageId === undefined ? {} : { messageId }),
    }
    const { seq, sentAtMs, text, repeated } = await writer.post(channel, draft, askedAtMs)
    return { seq, sentAtMs, text, repeated }
  }
