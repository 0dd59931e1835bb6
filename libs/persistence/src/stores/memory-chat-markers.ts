import type { ChatMarkers } from './chat-markers.ts'
import { conversationChannel } from './conversation-channel.ts'
import { storeLimits, type StoreLimits } from './stores.ts'

/** Markers and conversations in the memory of this process. */
export function createMemoryChatMarkers(limits: StoreLimits = {}): ChatMarkers {
  const conversationsMax = limits.chatConversationsMax ?? storeLimits.chatConversationsMax
  /** By role, then by channel. */
  const read = new Map<string, Map<string, number>>()
  /** By role, then by the other one. */
  const talks = new Map<string, Map<string, number>>()
  const restored = new Set<string>()

  /** The latest first; of the same time, the larger rid. */
  const conversationsOf = (rid: string) =>
    [...(talks.get(rid) ?? [])]
      .map(([other, lastAtMs]) => ({ rid: other, lastAtMs }))
      .toSorted((a, b) => b.lastAtMs - a.lastAtMs || (a.rid < b.rid ? 1 : -1))
  const remove = (rid: string, channels: readonly string[]): void => {
    const markers = read.get(rid)
    for (const channel of channels) markers?.delete(channel)
    if (markers?.size === 0) read.delete(rid)
  }
  const note = (rid: string, other: string, atMs: number): void => {
    const times = entryOf(talks, rid)
    times.set(other, Math.max(times.get(other) ?? atMs, atMs))
    for (const { rid: fallen } of conversationsOf(rid).slice(conversationsMax)) {
      times.delete(fallen)
      remove(rid, [conversationChannel(rid, fallen)])
    }
  }

  return {
    async move(rid, channel, seq) {
      const at = read.get(rid)?.get(channel) ?? 0
      if (seq > at) entryOf(read, rid).set(channel, seq)
      return Math.max(at, seq)
    },
    async begin(rid, markers) {
      for (const { channel, seq } of markers) {
        const own = entryOf(read, rid)
        if (!own.has(channel)) own.set(channel, seq)
      }
    },
    get: async (rid, channels) => channels.map((channel) => read.get(rid)?.get(channel) ?? 0),
    remove: async (rid, channels) => remove(rid, channels),
    async talked([a, b], atMs) {
      note(a, b, atMs)
      note(b, a, atMs)
    },
    conversations: async (rid, limit) => conversationsOf(rid).slice(0, Math.max(0, limit)),
    isRestored: async (rid) => restored.has(rid),
    async restore(rid, conversations) {
      for (const { rid: other, lastAtMs } of conversations) note(rid, other, lastAtMs)
      restored.add(rid)
    },
  }
}

function entryOf<T>(maps: Map<string, Map<string, T>>, key: string): Map<string, T> {
  const found = maps.get(key) ?? new Map<string, T>()
  maps.set(key, found)
  return found
}
