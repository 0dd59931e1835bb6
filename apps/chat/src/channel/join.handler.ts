import { HydraError } from '@hydra/protocol'
import type { RoleSession } from '@hydra/rpc'
import type { Chat, ChatHandler } from '../chat.ts'
import { hasJoined } from './channel.ts'
import { knownChannel } from './joined-channel.ts'

/**
 * For a client whose role entered while chat was away. The number is read after the topic was joined: whatever is
 * not in the history up to it will be pushed.
 */
export const join: ChatHandler<'chat.channel.join'> =
  (chat) =>
  async ({ session }, { channel: name }) => {
    const channel = knownChannel(name)
    if (!hasJoined(session, await chat.presence.get(session.rid))) await notePresence(chat, session)
    if (!(await chat.topics.join(session, [channel]))) {
      await chat.presence.leave(session.rid, session.epoch)
      throw sessionEnded()
    }
    return { lastSeq: await chat.chatLog.lastSeq(channel.name) }
  }

async function notePresence(chat: Chat, session: RoleSession): Promise<void> {
  const { rid, uid, gateId, sessionId, epoch: sessionEpoch } = session
  const name = await chat.storedName(rid, uid)
  if (name === undefined) throw new HydraError('ROLE_NOT_FOUND', 'This account has no such role.')
  const noted = await chat.presence.enter({ rid, uid, name, gateId, sessionId, sessionEpoch })
  if (!noted) throw sessionEnded()
}

const sessionEnded = () =>
  new HydraError(
    'SESSION_ENDED',
    'This session is over, or a newer one of this account has entered the role.',
  )
