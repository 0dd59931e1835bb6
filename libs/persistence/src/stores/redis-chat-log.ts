import type { Clock } from '@hydra/runtime'
import { chatLogLimits, type ChatDraft, type ChatLog, type StoredMessage } from './chat-log.ts'
import { numberDraft } from './number-draft.ts'
import { chatAppendLua, chatArchivedLua, chatDeleteLua, chatPageLua } from './redis-chat-lua.ts'
import type { RedisKeys } from './redis-keys.ts'
import type { RedisLink } from './redis-link.ts'
import { storeLimits, type StoreLimits } from './stores.ts'

/** An entry of the stream: its id, and its fields in the order in which they were written. */
type Entry = readonly [id: string, fields: readonly string[]]

/** What one draft became, see {@link chatAppendLua}. */
type Answer =
  | readonly [seq: number]
  | readonly [seq: number, kind: 'draft', place: number]
  | readonly [seq: number, kind: 'kept', fields: readonly string[]]
  | readonly [seq: number, kind: 'deleted', member: string]
  | readonly [seq: number, kind: 'gone']

/** Below every number. */
const noFloor = -1

type Appended =
  | readonly [kind: 0, answers: readonly Answer[]]
  | readonly [kind: 1, lastSeq: number]
  | readonly [kind: 2]

/**
 * Chat in Redis: a stream for each channel, whose ids are the messages' numbers, and beside it what is left of messages
 * that were deleted. The scripts share one key with all channels, so it must not be a Redis Cluster.
 */
export function createRedisChatLog(
  link: RedisLink,
  keys: RedisKeys,
  deps: { readonly clock: Clock },
  limits: StoreLimits = {},
): ChatLog {
  const messagesMax = limits.chatMessagesPerChannelMax ?? storeLimits.chatMessagesPerChannelMax
  const ageMaxMs = limits.chatMessageAgeMaxMs ?? storeLimits.chatMessageAgeMaxMs
  const append = link.script('hydraChatAppend', undefined, chatAppendLua)
  const page = link.script('hydraChatPage', 4, chatPageLua)
  const remove = link.script('hydraChatDelete', 4, chatDeleteLua)
  const archived = link.script('hydraChatArchived', 4, chatArchivedLua)
  const nowMs = () => deps.clock.nowMs()
  const keysOf = (channel: string) =>
    [
      keys.chatChannel(channel),
      keys.chatLog(channel),
      keys.chatDeleted(channel),
      keys.chatUnarchived,
    ] as const

  return {
    async append(channel, drafts, { ceiling, floor = noFloor, knownSeq = 0, archive }) {
      if (drafts.length === 0) return { kind: 'stored', messages: [] }
      const given: string[] = [...keysOf(channel)]
      const { repeatMs } = chatLogLimits
      const bounds = [nowMs(), ageMaxMs, messagesMax, ceiling, floor, archive ? 1 : 0, repeatMs, knownSeq]
      const encoded = drafts.flatMap(({ from, text, sentAtMs, data, messageId }) => {
        const place = messageId === undefined ? 0 : given.push(keys.chatMessageId(channel, messageId))
        return [JSON.stringify(from), text, sentAtMs, data === undefined ? '' : JSON.stringify(data), place]
      })
      const answer = await append.call(given.length, ...given, channel, ...bounds, ...encoded)
      const [kind, rest] = answer as Appended
      if (kind === 2) return { kind: 'full' }
      if (kind === 1) return { kind: 'ceiling', lastSeq: rest }
      return { kind: 'stored', messages: toAppended(drafts, rest) }
    },
    async page(channel, { beforeSeq = Number.MAX_SAFE_INTEGER, afterSeq, limit }) {
      if (limit < 1) return []
      const range = [nowMs() - ageMaxMs, (afterSeq ?? 0) + 1, beforeSeq - 1, limit]
      const forwards = afterSeq !== undefined
      const answer = await page.call(...keysOf(channel), channel, ...range, forwards ? 1 : 0)
      const [entries, deleted] = answer as readonly [readonly Entry[], readonly string[]]
      const messages = [
        ...entries.map(([id, fields]) => toMessage(Number.parseInt(id, 10), fields)),
        ...deleted.map(toDeleted),
      ].toSorted((a, b) => a.seq - b.seq)
      return forwards ? messages.slice(0, limit) : messages.slice(-limit)
    },
    async ends(channels) {
      if (channels.length === 0) return []
      const ends = await link.pipeline((pipeline) => {
        for (const channel of channels) pipeline.hmget(keys.chatChannel(channel), 'seq', 'base')
      })
      return (ends as readonly (readonly (string | null)[])[]).map(([seq, base]) => ({
        lastSeq: Number(seq ?? 0),
        baseSeq: Number(base ?? 0),
      }))
    },
    async delete(channel, seq) {
      return (await remove.call(...keysOf(channel), channel, seq, nowMs() - ageMaxMs)) === 1
    },
    async unarchived(limit) {
      if (limit < 1) return []
      // By chance: were it always the same ones, those that cannot be archived would hold up all others.
      const found = await link.run((redis) => redis.zrandmember(keys.chatUnarchived, limit, 'WITHSCORES'))
      const flat = found as unknown as readonly string[]
      return Array.from({ length: flat.length / 2 }, (_, index) => ({
        channel: flat[2 * index] ?? '',
        archivedSeq: Number(flat[2 * index + 1]),
      }))
    },
    async archived(channel, seq) {
      await archived.call(...keysOf(channel), channel, seq, nowMs(), ageMaxMs)
    },
    async forget(channel) {
      const [state, log, deleted, unarchived] = keysOf(channel)
      const results = await link.run((redis) =>
        redis.multi().del(state, log, deleted).zrem(unarchived, channel).exec(),
      )
      for (const [error] of results ?? []) if (error !== null) throw error
    },
  }
}

function toAppended(drafts: readonly ChatDraft[], answers: readonly Answer[]) {
  const messages: (StoredMessage & { readonly repeated: boolean })[] = []
  for (const [place, draft] of drafts.entries()) {
    const answer = answers[place]
    if (answer === undefined) throw new TypeError(`no answer for draft ${place}`)
    messages.push(toAnswered(draft, answer, messages))
  }
  return messages
}

function toAnswered(draft: ChatDraft, answer: Answer, before: readonly StoredMessage[]) {
  const [seq, kind, found] = answer
  if (kind === undefined) return { ...numberDraft(draft, seq), repeated: false }
  if (kind === 'kept') return { ...toMessage(seq, found), repeated: true }
  if (kind === 'deleted') return { ...toDeleted(found), repeated: true }
  // It has left the log already, or is the same one in this batch: a repeat says what the first one said.
  const first = kind === 'draft' ? before[found - 1] : undefined
  return { ...(first ?? numberDraft(draft, seq)), repeated: true }
}

function toMessage(seq: number, fields: readonly string[]): StoredMessage {
  const [, , , from = '', , text = '', , sentAtMs, , data = ''] = fields
  const message = { seq, from: JSON.parse(from) as StoredMessage['from'], text, sentAtMs: Number(sentAtMs) }
  return data === '' ? message : { ...message, data: JSON.parse(data) as NonNullable<StoredMessage['data']> }
}

/** Of `<seq> <at> <sentAtMs> <from>`. */
function toDeleted(member: string): StoredMessage {
  const [seq, , sentAtMs] = member.split(' ', 3)
  const from = member.slice(member.indexOf('{'))
  return {
    seq: Number(seq),
    from: JSON.parse(from) as StoredMessage['from'],
    text: '',
    sentAtMs: Number(sentAtMs),
    deleted: true,
  }
}
