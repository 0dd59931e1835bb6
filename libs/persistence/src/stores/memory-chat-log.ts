import type { Clock } from '@hydra/runtime'
import {
  chatLogLimits,
  type AppendOptions,
  type AppendResult,
  type ChatDraft,
  type ChatLog,
  type StoredMessage,
} from './chat-log.ts'
import { numberDraft } from './number-draft.ts'
import { storeLimits, type StoreLimits } from './stores.ts'

interface Entry {
  message: StoredMessage
  /** The latest `sentAtMs` up to here: never falls along the numbers, so what is too old is always the beginning. */
  readonly atMs: number
}

interface Channel {
  baseSeq: number
  lastSeq: number
  atMs: number
  /** The archive has everything up to here; `undefined`: nothing waits for it. */
  archivedSeq: number | undefined
  /** Oldest first. */
  entries: Entry[]
  /** By messageId, in the order of their times. */
  readonly ids: Map<string, { readonly seq: number; readonly atMs: number }>
}

/** Chat in the memory of this process. */
export function createMemoryChatLog(deps: { readonly clock: Clock }, limits: StoreLimits = {}): ChatLog {
  const messagesMax = limits.chatMessagesPerChannelMax ?? storeLimits.chatMessagesPerChannelMax
  const ageMaxMs = limits.chatMessageAgeMaxMs ?? storeLimits.chatMessageAgeMaxMs
  const channels = new Map<string, Channel>()
  const nowMs = () => deps.clock.nowMs()

  /** Drops what is too much or too old, unless it waits for the archive. */
  const tidy = (channel: Channel): Channel => {
    const { entries, lastSeq, archivedSeq = lastSeq } = channel
    const oldestMs = nowMs() - ageMaxMs
    const isKept = ({ message: { seq }, atMs }: Entry) =>
      seq > archivedSeq || (seq > lastSeq - messagesMax && atMs >= oldestMs)
    const first = entries.findIndex(isKept)
    if (first !== 0) entries.splice(0, first === -1 ? entries.length : first)
    for (const [id, { atMs }] of channel.ids) {
      if (nowMs() - atMs < chatLogLimits.repeatMs) break
      channel.ids.delete(id)
    }
    return channel
  }
  const find = (name: string): Channel | undefined => {
    const channel = channels.get(name)
    return channel === undefined ? undefined : tidy(channel)
  }

  const append = (name: string, drafts: readonly ChatDraft[], options: AppendOptions): AppendResult => {
    if (drafts.length === 0) return { kind: 'stored', messages: [] }
    const known = find(name)
    if (known === undefined && options.floor === undefined)
      return { kind: 'ceiling', lastSeq: options.knownSeq ?? 0 }
    const channel = known ?? emptyChannel(options.floor ?? 0)
    const lastSeq = Math.max(channel.lastSeq, options.knownSeq ?? 0)
    let nextSeq = lastSeq + 1
    const seqs = new Map<string, number>()
    const planned = drafts.map((draft) => {
      const { messageId } = draft
      const noted =
        messageId === undefined ? undefined : (channel.ids.get(messageId)?.seq ?? seqs.get(messageId))
      const seq = noted ?? nextSeq++
      if (messageId !== undefined) seqs.set(messageId, seq)
      return { draft, seq, repeated: noted !== undefined }
    })
    const fresh = planned.filter(({ repeated }) => !repeated)
    const archivedSeq = channel.archivedSeq ?? (options.archive ? lastSeq : undefined)
    if (fresh.length > 0) {
      if (archivedSeq !== undefined && lastSeq + fresh.length - archivedSeq > messagesMax)
        return { kind: 'full' }
      if (lastSeq + fresh.length > options.ceiling) return { kind: 'ceiling', lastSeq }
      if (known === undefined) channel.baseSeq = lastSeq
      channels.set(name, channel)
      channel.archivedSeq = archivedSeq
    }
    for (const { draft, seq } of fresh) {
      channel.lastSeq = seq
      channel.atMs = Math.max(channel.atMs, draft.sentAtMs)
      channel.entries.push({ message: numberDraft(draft, seq), atMs: channel.atMs })
      if (draft.messageId !== undefined) channel.ids.set(draft.messageId, { seq, atMs: nowMs() })
    }
    const messages = planned.map(({ draft, seq, repeated }) => {
      const stored = channel.entries[placeOf(channel, seq)]?.message ?? numberDraft(draft, seq)
      return Object.assign({ repeated }, stored)
    })
    tidy(channel)
    return { kind: 'stored', messages }
  }

  return {
    append: async (name, drafts, options) => append(name, drafts, options),
    async page(name, { beforeSeq = Number.MAX_SAFE_INTEGER, afterSeq, limit }) {
      const channel = find(name)
      if (channel === undefined || limit < 1) return []
      const found = channel.entries.filter(({ message: { seq } }) => seq > (afterSeq ?? 0) && seq < beforeSeq)
      return (afterSeq === undefined ? found.slice(-limit) : found.slice(0, limit)).map(
        ({ message }) => message,
      )
    },
    ends: async (names) =>
      names.map((name) => {
        const { lastSeq = 0, baseSeq = 0 } = channels.get(name) ?? {}
        return { lastSeq, baseSeq }
      }),
    async delete(name, seq) {
      const channel = find(name)
      const entry = channel?.entries[placeOf(channel, seq)]
      if (entry === undefined) return false
      const { from, sentAtMs } = entry.message
      entry.message = { seq, from, text: '', sentAtMs, deleted: true }
      return true
    },
    async unarchived(limit) {
      return [...channels]
        .flatMap(([channel, { archivedSeq }]) =>
          archivedSeq === undefined ? [] : [{ channel, archivedSeq }],
        )
        .slice(0, Math.max(0, limit))
    },
    async archived(name, seq) {
      const channel = channels.get(name)
      if (channel?.archivedSeq === undefined) return
      channel.archivedSeq = seq >= channel.lastSeq ? undefined : Math.max(channel.archivedSeq, seq)
    },
    async forget(name) {
      channels.delete(name)
    },
  }
}

const emptyChannel = (floor: number): Channel => ({
  baseSeq: floor,
  lastSeq: floor,
  atMs: 0,
  archivedSeq: undefined,
  entries: [],
  ids: new Map(),
})

const placeOf = ({ entries }: Channel, seq: number): number =>
  entries.findIndex(({ message }) => message.seq === seq)
