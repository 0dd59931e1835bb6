import { channelOfKey } from '../channel/channel.ts'
import { channelUnknown } from '../channel/joined-channel.ts'
import type { ChatHandler } from '../chat.ts'

/** Who speaks in the name of the system. No role has this id: roles' ids are made by servers. */
export const systemSender = Object.freeze({ rid: 'system', name: 'System' })

/** What services say is not filtered, and nobody is silenced here. */
export const announce: ChatHandler<'chat.system.announce'> =
  ({ posts }) =>
  async ({ from }, { channel: name, text, data, messageId }) => {
    const channel = channelOfKey(name)
    if (channel === undefined || channel.kind === 'private') throw channelUnknown(name)
    const { seq } = await posts.post(channel, {
      from: systemSender,
      text,
      ...(data === undefined ? {} : { data }),
      ...(messageId === undefined ? {} : { messageId: `${from}.${messageId}` }),
    })
    return { seq }
  }
