import type { ChatMessage } from '@hydra/protocol'
import type { ChatLog } from './chat-log.ts'
import { storeLimits, type StoreLimits } from './stores.ts'

interface Channel {
  lastSeq: number
  /** Oldest first, without gaps: the last one has `lastSeq`. */
  messages: ChatMessage[]
}

/** Chat in the memory of this process; each channel keeps its latest messages. */
export function createMemoryChatLog(limits: StoreLimits = {}): ChatLog {
  const messagesMax = limits.chatMessagesPerChannelMax ?? storeLimits.chatMessagesPerChannelMax
  const channels = new Map<string, Channel>()

  return {
    async append(draft) {
      const channel = channels.get(draft.channel) ?? { lastSeq: 0, messages: [] }
      channels.set(draft.channel, channel)
      const message: ChatMessage = { ...structuredClone(draft), seq: ++channel.lastSeq }
      channel.messages.push(message)
      // Cut in large steps, because each cut moves the whole array.
      if (channel.messages.length >= 2 * messagesMax) channel.messages = channel.messages.slice(-messagesMax)
      return message
    },
    async page(name, { beforeSeq, limit }) {
      const channel = channels.get(name)
      if (channel === undefined) return []
      const kept = channel.messages.slice(-messagesMax)
      const firstSeq = channel.lastSeq - kept.length + 1
      const end = beforeSeq === undefined ? kept.length : Math.max(0, beforeSeq - firstSeq)
      return kept.slice(Math.max(0, Math.min(end, kept.length) - limit), end)
    },
    lastSeq: async (name) => channels.get(name)?.lastSeq ?? 0,
  }
}
