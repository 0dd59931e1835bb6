import { channelOfKey } from '../channel/channel.ts'
import { deleteMessage } from '../channel/delete-message.ts'
import { channelUnknown } from '../channel/joined-channel.ts'
import type { ChatHandler } from '../chat.ts'

/** What two players say to each other is not for services to name: their conversation has no name of its own. */
export const deleteMessageOf: ChatHandler<'chat.moderation.deleteMessage'> =
  (chat) =>
  async ({ from }, { channel: name, seq }) => {
    const channel = channelOfKey(name)
    if (channel === undefined || channel.kind === 'private') throw channelUnknown(name)
    const found = await deleteMessage(chat, channel, seq)
    chat.log.info({ channel: name, seq, found, from }, 'a service deleted a message')
    return { found }
  }
