import { channelsOf, nameFor } from '../channel/channel.ts'
import type { ChatHandler } from '../chat.ts'
import { arrive } from './arrive.ts'

/** Game waits for this, so that whoever has entered a role misses nothing that is said afterwards. */
export const enter: ChatHandler<'chat.presence.enter'> = (chat) => async (_context, role) => {
  const member = await arrive(chat, role)
  const channels = member === undefined ? [] : channelsOf(member)
  return { channels: channels.map((channel) => nameFor(channel, role.rid)) }
}
