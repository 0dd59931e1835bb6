import type { ChatMessage } from '@hydra/protocol'
import type { ChatDraft, ChatLog } from './chat-log.ts'
import type { RedisKeys } from './redis-keys.ts'
import type { RedisLink } from './redis-link.ts'
import { storeLimits, type StoreLimits } from './stores.ts'

/** Number and message in one step: no number is missing and none is given twice. */
const appendLua = `
local seq = redis.call('incr', KEYS[1])
redis.call('xadd', KEYS[2], 'MAXLEN', ARGV[1], string.format('%.0f-0', seq), 'message', ARGV[2])
return seq
`

/** Chat in Redis: a stream for each channel, whose ids are the messages' numbers. */
export function createRedisChatLog(link: RedisLink, keys: RedisKeys, limits: StoreLimits = {}): ChatLog {
  const messagesMax = limits.chatMessagesPerChannelMax ?? storeLimits.chatMessagesPerChannelMax
  const append = link.script('hydraChatAppend', 2, appendLua)
  return {
    async append(draft) {
      const { channel, ...message } = draft
      const text = JSON.stringify(message)
      const seq = await append.call(keys.chatSeq(channel), keys.chatLog(channel), messagesMax, text)
      return { ...(JSON.parse(text) as Omit<ChatDraft, 'channel'>), channel, seq: Number(seq) }
    },
    async page(channel, { beforeSeq, limit }) {
      if (limit < 1 || (beforeSeq !== undefined && beforeSeq <= 1)) return []
      const from = beforeSeq === undefined ? '+' : `${beforeSeq - 1}-0`
      const entries = await link.run((redis) =>
        redis.xrevrange(keys.chatLog(channel), from, '-', 'COUNT', limit),
      )
      return entries.toReversed().map(([id, fields]) => toMessage(channel, id, fields))
    },
    async lastSeq(channel) {
      return Number((await link.run((redis) => redis.get(keys.chatSeq(channel)))) ?? 0)
    },
  }
}

function toMessage(channel: string, id: string, [, text]: readonly string[]): ChatMessage {
  const message = JSON.parse(text ?? '') as Omit<ChatDraft, 'channel'>
  return { ...message, channel, seq: Number.parseInt(id, 10) }
}
