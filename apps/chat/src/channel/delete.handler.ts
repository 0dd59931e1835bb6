import type { Presence } from '@hydra/persistence'
import { HydraError } from '@hydra/protocol'
import type { RoleSession } from '@hydra/rpc'
import { mayDeleteMessages } from '../alliance/alliance.ts'
import type { Chat, ChatHandler } from '../chat.ts'
import type { Channel } from './channel.ts'
import { deleteMessage } from './delete-message.ts'
import { joinedChannel } from './joined-channel.ts'

/** Deletes for those who may: moderators in any shared channel, and by rank in an alliance. */
export const del: ChatHandler<'chat.channel.delete'> =
  (chat) =>
  async ({ session }, { channel: name, seq }) => {
    const { channel, member } = await joinedChannel(chat, session, name)
    if (!(await mayDelete(chat, channel, session, member))) throw notModerator()
    if (!(await deleteMessage(chat, channel, seq))) throw messageUnknown(name, seq)
    chat.log.info({ channel: channel.key, seq, by: member.rid }, 'a message was deleted')
    return {}
  }

async function mayDelete(
  { alliances }: Chat,
  { kind }: Channel,
  { data }: RoleSession,
  { rid, allianceId }: Presence,
): Promise<boolean> {
  // What two players say to each other is nobody else's to change.
  if (kind === 'private') return false
  if (data?.['moderator'] === true) return true
  if (kind !== 'alliance') return false
  const [membership] = await alliances.memberships([rid])
  return (
    membership?.allianceId === allianceId && membership !== undefined && mayDeleteMessages(membership.rank)
  )
}

const notModerator = () => new HydraError('NOT_MODERATOR', 'This role may not delete messages here.')

const messageUnknown = (channel: string, seq: number) =>
  new HydraError('MESSAGE_UNKNOWN', `Channel "${channel}" has no message ${seq}, or not any more.`, {
    metadata: { channel, seq },
  })
