import { HydraError } from '@hydra/protocol'
import type { ChatHandler } from '../chat.ts'
import { arrive } from '../presence/arrive.ts'
import { channelEnd } from './channel-ends.ts'
import { findChannel, nameFor } from './channel.ts'
import { channelUnknown, joinedChannel } from './joined-channel.ts'

/**
 * For a client whose role entered while chat was away: what entering does, under the name that is stored. The number is
 * read after the topics were joined: whatever is not in the history up to it will be pushed.
 */
export const join: ChatHandler<'chat.channel.join'> =
  (chat) =>
  async ({ session }, { channel: name }) => {
    const { rid, uid, gateId, sessionId, epoch: sessionEpoch } = session
    // Whatever the role is in, this is no channel of it: said before anything is joined.
    if (findChannel(name, { rid, world: '' }) === 'unknown') throw channelUnknown(name)
    const noted = await chat.presence.get(rid)
    const role = noted?.sessionId === sessionId ? noted : await chat.storedRole(rid)
    if (role === undefined || role.uid !== uid)
      throw new HydraError('ROLE_NOT_FOUND', 'This account has no such role.')
    const { name: roleName, level } = role
    const arrival = { rid, uid, name: roleName, level, gateId, sessionId, sessionEpoch }
    if ((await arrive(chat, arrival)) === undefined) throw sessionEnded()
    const { channel } = await joinedChannel(chat, session, name)
    const { lastSeq } = await channelEnd(chat, channel)
    return { channel: nameFor(channel, rid), lastSeq }
  }

const sessionEnded = () =>
  new HydraError(
    'SESSION_ENDED',
    'This session is over, or a newer one of this account has entered the role.',
  )
