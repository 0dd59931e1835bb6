import type { Presence } from '@hydra/persistence'
import { HydraError } from '@hydra/protocol'
import type { Chat, ChatHandler } from '../chat.ts'
import { isMutedBy } from '../mute/mutes.ts'
import { readSilence } from '../presence/silences.ts'
import { otherOf, type Channel } from './channel.ts'
import { channelUnknown, joinedChannel } from './joined-channel.ts'

/**
 * Checks what costs nothing first. The text is filtered before it is stored, so that the history never has more than
 * was pushed. What one says oneself is read.
 */
export const send: ChatHandler<'chat.channel.send'> =
  (chat) =>
  async ({ session }, { channel: name, text, messageId }) => {
    const { channel, member } = await joinedChannel(chat, session, name)
    if (channel.kind === 'system') throw readOnly()
    // Before the silence, whose reason has to be read.
    chat.rates.take(channel.kind, member.rid)
    if (member.silencedUntilMs > chat.clock.nowMs()) throw await silenced(chat, member)
    if (channel.kind === 'private') await checkReceiver(chat, channel, member.rid)
    const cleaned = chat.words.clean(text)
    await noteTalk(chat, channel, member.rid)
    const {
      seq,
      sentAtMs,
      text: stored,
    } = await chat.posts.post(channel, {
      from: { rid: member.rid, name: member.name },
      text: cleaned,
      // Another role must not be able to name the message of this one.
      ...(messageId === undefined ? {} : { messageId: `${member.rid}.${messageId}` }),
    })
    await noteRead(chat, channel, member.rid, seq)
    return { seq, sentAtMs, ...(stored === text ? {} : { text: stored }) }
  }

async function checkReceiver(chat: Chat, { key }: Channel, rid: string): Promise<void> {
  const other = otherOf(key, rid)
  const [online, isMuted] = await Promise.all([chat.presence.get(other), isMutedBy(chat.objects, other, rid)])
  if (online === undefined && (await chat.storedRole(other)) === undefined)
    throw channelUnknown(`private-${other}`)
  if (isMuted)
    throw new HydraError('MUTED', 'This player takes no messages from you.', { metadata: { rid: other } })
}

/** The message is stored: a failure here must not have the client send it again. */
async function noteRead(
  { chatMarkers, log }: Chat,
  { key }: Channel,
  rid: string,
  seq: number,
): Promise<void> {
  try {
    await chatMarkers.move(rid, key, seq)
  } catch (err) {
    log.warn({ rid, channel: key, seq, err }, 'what a role has said counts as unread by itself')
  }
}

/** So that the other side finds the conversation in its list, also when it was offline. */
async function noteTalk({ chatMarkers, clock }: Chat, { kind, key }: Channel, rid: string): Promise<void> {
  if (kind === 'private') await chatMarkers.talked([rid, otherOf(key, rid)], clock.nowMs())
}

const readOnly = () => new HydraError('CHANNEL_READ_ONLY', 'Only services speak in this channel.')

async function silenced({ objects, clock }: Chat, { rid, silencedUntilMs }: Presence): Promise<HydraError> {
  const { reason } = (await readSilence(objects, rid, clock.nowMs())) ?? {}
  const until = new Date(silencedUntilMs).toISOString()
  return new HydraError(
    'SILENCED',
    `This role may not speak before ${until}${reason === undefined ? '.' : `: ${reason}`}`,
    { metadata: { untilMs: silencedUntilMs, ...(reason === undefined ? {} : { reason }) } },
  )
}
