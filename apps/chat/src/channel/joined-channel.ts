import type { Presence } from '@hydra/persistence'
import { HydraError } from '@hydra/protocol'
import type { RoleSession } from '@hydra/rpc'
import type { Chat } from '../chat.ts'
import { findChannel, hasJoined, type Channel } from './channel.ts'

/** The channel of a name that a client has sent. @throws HydraError `CHANNEL_UNKNOWN`. */
export function knownChannel(name: string): Channel {
  const channel = findChannel(name)
  if (channel !== undefined) return channel
  throw new HydraError('CHANNEL_UNKNOWN', `There is no channel "${name}".`, { metadata: { channel: name } })
}

/**
 * The channel of a name that a client has sent, and who the client is there.
 *
 * @throws HydraError `CHANNEL_UNKNOWN`, `CHAT_NOT_JOINED`, `STORAGE_UNAVAILABLE`.
 */
export async function joinedChannel(
  { presence }: Pick<Chat, 'presence'>,
  session: RoleSession,
  name: string,
): Promise<{ readonly channel: Channel; readonly member: Presence }> {
  const channel = knownChannel(name)
  const member = await presence.get(session.rid)
  if (member === undefined || !hasJoined(session, member)) {
    throw new HydraError('CHAT_NOT_JOINED', `Join "${name}" first: chat.channel.join.`, {
      metadata: { channel: name },
    })
  }
  return { channel, member }
}
