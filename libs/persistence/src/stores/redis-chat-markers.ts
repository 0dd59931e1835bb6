import type { ChatMarkers } from './chat-markers.ts'
import { luaConversationChannels } from './conversation-channel.ts'
import type { RedisKeys } from './redis-keys.ts'
import type { RedisLink } from './redis-link.ts'
import { storeLimits, type StoreLimits } from './stores.ts'

const moveLua = `
local at = tonumber(redis.call('hget', KEYS[1], ARGV[1]) or '0')
if tonumber(ARGV[2]) <= at then return at end
redis.call('hset', KEYS[1], ARGV[1], ARGV[2])
return tonumber(ARGV[2])
`

/** Beside the markers; no channel has this name. */
const restoredField = 'restored'

const noteLua = `${luaConversationChannels}
local function note(talks, read, rid, other, at, conversations_max)
  redis.call('zadd', talks, 'GT', at, other)
  local excess = redis.call('zcard', talks) - conversations_max
  if excess <= 0 then return end
  local fallen = redis.call('zpopmin', talks, excess)
  for place = 1, #fallen, 2 do redis.call('hdel', read, conversation_channels(rid, fallen[place])) end
end
`

/** Keys: conversations and markers of the one, then of the other. */
const talkedLua = `${noteLua}
for side = 1, 2 do
  note(KEYS[side * 2 - 1], KEYS[side * 2], ARGV[side], ARGV[3 - side], ARGV[4], tonumber(ARGV[3]))
end
`

/** Keys: conversations and markers. From the fourth argument on: the other one and the time, of each conversation. */
const restoreLua = `${noteLua}
for place = 4, #ARGV, 2 do note(KEYS[1], KEYS[2], ARGV[1], ARGV[place], ARGV[place + 1], tonumber(ARGV[2])) end
redis.call('hset', KEYS[2], ARGV[3], 1)
`

/** Markers and conversations in Redis. The script names keys of two roles, so it must not be a Redis Cluster. */
export function createRedisChatMarkers(
  link: RedisLink,
  keys: RedisKeys,
  limits: StoreLimits = {},
): ChatMarkers {
  const conversationsMax = limits.chatConversationsMax ?? storeLimits.chatConversationsMax
  const move = link.script('hydraChatMarkerMove', 1, moveLua)
  const talked = link.script('hydraChatTalked', 4, talkedLua)
  const restore = link.script('hydraChatRestore', 2, restoreLua)
  return {
    move: async (rid, channel, seq) => Number(await move.call(keys.chatRead(rid), channel, seq)),
    async begin(rid, markers) {
      if (markers.length === 0) return
      await link.pipeline((pipeline) => {
        for (const { channel, seq } of markers) pipeline.hsetnx(keys.chatRead(rid), channel, seq)
      })
    },
    async get(rid, channels) {
      if (channels.length === 0) return []
      const seqs = await link.run((redis) => redis.hmget(keys.chatRead(rid), ...channels))
      return seqs.map((seq) => Number(seq ?? 0))
    },
    async remove(rid, channels) {
      if (channels.length === 0) return
      await link.run((redis) => redis.hdel(keys.chatRead(rid), ...channels))
    },
    async talked([a, b], atMs) {
      const both = [a, b].flatMap((rid) => [keys.chatTalks(rid), keys.chatRead(rid)])
      await talked.call(...both, a, b, conversationsMax, atMs)
    },
    async conversations(rid, limit) {
      if (limit < 1) return []
      const flat = await link.run((redis) => redis.zrevrange(keys.chatTalks(rid), 0, limit - 1, 'WITHSCORES'))
      return Array.from({ length: flat.length / 2 }, (_, index) => ({
        rid: flat[2 * index] ?? '',
        lastAtMs: Number(flat[2 * index + 1]),
      }))
    },
    isRestored: async (rid) =>
      (await link.run((redis) => redis.hexists(keys.chatRead(rid), restoredField))) === 1,
    async restore(rid, conversations) {
      const flat = conversations.flatMap(({ rid: other, lastAtMs }) => [other, lastAtMs])
      await restore.call(
        keys.chatTalks(rid),
        keys.chatRead(rid),
        rid,
        conversationsMax,
        restoredField,
        ...flat,
      )
    },
  }
}
