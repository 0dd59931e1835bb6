import type { Presence } from '@hydra/persistence'
import { HydraError } from '@hydra/protocol'
import type { RoleSession } from '@hydra/rpc'
import type { Chat } from '../chat.ts'
import { findChannel, hasJoined, type Channel } from './channel.ts'

/**
 * Who a session is in chat.
 *
 * @throws HydraError `CHAT_NOT_JOINED`, `STORAGE_UNAVAILABLE`.
 */
export async function joinedMember(
  { presence }: Pick<Chat, 'presence'>,
  session: RoleSession,
): Promise<Presence> {
  const member = await presence.get(session.rid)
  if (member !== undefined && hasJoined(session, member)) return member
  throw notJoined('Join first: chat.channel.join.')
}

/**
 * The channel of a name that a client has sent, and who the client is there.
 *
 * @throws HydraError `CHANNEL_UNKNOWN`, `CHAT_NOT_JOINED`, `STORAGE_UNAVAILABLE`.
 */
export async function joinedChannel(
  chat: Pick<Chat, 'presence'>,
  session: RoleSession,
  name: string,
): Promise<{ readonly channel: Channel; readonly member: Presence }> {
  const member = await joinedMember(chat, session)
  const channel = findChannel(name, member)
  if (channel === 'unknown') throw channelUnknown(name)
  if (channel === 'not-joined') throw notJoined(`This role is not in "${name}".`, name)
  return { channel, member }
}

/** There is no channel of this name, or none that this caller may name. */
export const channelUnknown = (channel: string): HydraError =>
  new HydraError('CHANNEL_UNKNOWN', `There is no channel "${channel}".`, { metadata: { channel } })

const notJoined = (message: string, channel?: string): HydraError =>
  new HydraError('CHAT_NOT_JOINED', message, channel === undefined ? {} : { metadata: { channel } })
