import { pushes, type ChatMessage } from '@hydra/protocol'
import type { Chat, ChatHandler } from '../chat.ts'
import type { Channel } from './channel.ts'
import { joinedChannel } from './joined-channel.ts'

/**
 * Stores a message, then pushes it. The log answers in the order of the numbers it gives, and nothing is awaited
 * between its answer and the push: what one chat server pushes in a channel is in order. Messages that several chat
 * servers take at the same time may arrive interleaved, so clients order by `seq`.
 */
export const send: ChatHandler<'chat.channel.send'> =
  (chat) =>
  async ({ session }, { channel: name, text }) => {
    const { channel, member } = await joinedChannel(chat, session, name)
    const from = { rid: member.rid, name: member.name }
    const sentAtMs = chat.clock.nowMs()
    const message = await chat.chatLog.append({ channel: channel.name, from, text, sentAtMs })
    chat.metrics.messages.inc()
    publish(chat, channel, message)
    return { seq: message.seq, sentAtMs: message.sentAtMs }
  }

/** A message that is stored has been sent: failing the request would have the client send it twice. */
function publish({ peer, log, metrics }: Chat, channel: Channel, message: ChatMessage): void {
  try {
    peer.publish(channel.topic, pushes.chat.channel.message, message)
  } catch (err) {
    metrics.publishFailures.inc()
    log.warn({ channel: channel.name, seq: message.seq, err }, 'a message is stored but was not pushed')
  }
}
