import { beforeAll, expect, test } from 'vitest'
import type { Database } from '../database/database.ts'
import type { StoredMessage } from '../stores/chat-log.ts'
import { conversationChannel } from '../stores/conversation-channel.ts'
import { chatArchiveLimits, type ArchivedMessage, type ChatArchive } from './chat-archive.ts'
import { createChatArchive } from './sql-chat-archive.ts'

const from = { rid: 'r-1', name: 'Ann' }
const upTo = (last: number, first = 1) =>
  Array.from({ length: last - first + 1 }, (_, index) => first + index)

/** What a chat archive does on every database; `open` answers another connection each time. */
export function chatArchiveContract(open: () => Promise<Database>): void {
  let archive: ChatArchive
  let others: readonly ChatArchive[]
  let made = 0
  beforeAll(async () => {
    archive = createChatArchive(await open())
    others = [archive, createChatArchive(await open()), createChatArchive(await open())]
  })

  const newChannel = () => `alliance-${++made}`
  const stored = (seq: number, more: Partial<StoredMessage> = {}): StoredMessage => ({
    seq,
    from,
    text: `message ${seq}`,
    sentAtMs: 1_767_225_600_000 + seq,
    ...more,
  })
  const message = (channel: string, seq: number, more: Partial<StoredMessage> = {}): ArchivedMessage => ({
    channel,
    ...stored(seq, more),
  })
  const all = (channel: string) => archive.page(channel, { limit: 10_000 })
  const seqs = async (channel: string, page = {}) =>
    (await archive.page(channel, { limit: 100, ...page })).map(({ seq }) => seq)
  const many = <T>(count: number, work: (one: ChatArchive, index: number) => Promise<T>): Promise<T[]> =>
    Promise.all(
      Array.from({ length: count }, (_, index) => work(others[index % others.length] ?? archive, index)),
    )

  test('numbers are reserved behind those that were, and behind those that were given out', async () => {
    const channel = newChannel()
    expect(await archive.reserve(channel, 100)).toEqual({ floor: 0, ceiling: 100 })
    expect(await archive.reserve(channel, 50)).toEqual({ floor: 100, ceiling: 150 })
    expect(await archive.reserve(channel, 50, 120)).toEqual({ floor: 150, ceiling: 200 })
    expect(await archive.reserve(channel, 10, 1_000)).toEqual({ floor: 1_000, ceiling: 1_010 })
    expect(await archive.reserve(newChannel(), 10, 7)).toEqual({ floor: 7, ceiling: 17 })
    expect(await archive.reserve(newChannel(), 10, 2 ** 52)).toEqual({
      floor: 2 ** 52,
      ceiling: 2 ** 52 + 10,
    })
  })

  test('of servers that reserve at the same time each gets numbers of its own, also in a new channel', async () => {
    const channel = newChannel()
    const reserved = await many(30, (one) => one.reserve(channel, 10))
    expect(reserved.map(({ floor }) => floor).toSorted((a, b) => a - b)).toEqual(
      upTo(29, 0).map((n) => n * 10),
    )
    for (const { floor, ceiling } of reserved) expect(ceiling - floor).toBe(10)
  })

  test('messages of several channels come back as they were, in order', async () => {
    const [one, two] = [newChannel(), newChannel()]
    const special = { text: `It's "quoted" \\ back\\slash\n👩‍👩‍👧 Grüße 🎲 %s ? :x ''` }
    const rich = { from: { rid: 'r_2', name: 'Zoë Ω' }, data: { item: 7, name: '⚔️ "x\\y"', rare: true } }
    await archive.add([])
    await archive.add([
      message(one, 2, special),
      message(two, 7, rich),
      message(one, 1, { data: {} }),
      message(one, 3, { text: 'was here', data: { a: 1 }, deleted: true }),
    ])
    expect(await all(one)).toEqual([
      stored(1, { data: {} }),
      stored(2, special),
      stored(3, { text: '', deleted: true }),
    ])
    expect(await all(two)).toEqual([stored(7, rich)])
    expect(await all(newChannel())).toEqual([])
  })

  test('a message that is there already stays as it is', async () => {
    const channel = newChannel()
    await archive.add([message(channel, 1), message(channel, 2)])
    await archive.add([
      message(channel, 3),
      message(channel, 2, { text: 'another', from: { rid: 'x', name: 'xx' }, sentAtMs: 1 }),
      message(channel, 1, { text: '', deleted: true }),
    ])
    expect(await all(channel)).toEqual(upTo(3).map((seq) => stored(seq)))
  })

  test('messages that several servers add at the same time are stored once', async () => {
    const channels = [newChannel(), newChannel()]
    const messages = channels.flatMap((channel) => upTo(40).map((seq) => message(channel, seq)))
    await many(12, (one, index) => one.add(index % 2 === 0 ? messages : messages.toReversed()))
    for (const channel of channels) expect(await seqs(channel)).toEqual(upTo(40))
  })

  test('more messages than one statement takes, and longer ones', async () => {
    const channel = newChannel()
    await archive.add(upTo(2_500).map((seq) => message(channel, seq)))
    expect((await all(channel)).map(({ seq }) => seq)).toEqual(upTo(2_500))
    const long = newChannel()
    const text = '🎲'.repeat(400_000)
    await archive.add(upTo(8).map((seq) => message(long, seq, { text })))
    expect((await all(long)).every((one) => one.text === text)).toBe(true)
    expect(await seqs(long)).toEqual(upTo(8))
    await archive.forget(long)
  })

  test('pages before a number are the latest, pages after one the earliest, both in order', async () => {
    const channel = newChannel()
    // Without 4: a number that a loss of the log has left out.
    await archive.add([1, 2, 3, 5, 6, 7].map((seq) => message(channel, seq)))
    expect(await seqs(channel, { limit: 3 })).toEqual([5, 6, 7])
    expect(await seqs(channel, { limit: 3, beforeSeq: 6 })).toEqual([2, 3, 5])
    expect(await seqs(channel, { limit: 3, beforeSeq: 1 })).toEqual([])
    expect(await seqs(channel, { limit: 3, afterSeq: 0 })).toEqual([1, 2, 3])
    expect(await seqs(channel, { limit: 3, afterSeq: 3 })).toEqual([5, 6, 7])
    expect(await seqs(channel, { afterSeq: 7 })).toEqual([])
    expect(await seqs(channel, { afterSeq: 1, beforeSeq: 5 })).toEqual([2, 3])
    expect(await seqs(channel, { limit: 0 })).toEqual([])
  })

  test('of a deleted message nothing is left but who sent it when', async () => {
    const channel = newChannel()
    await archive.add([message(channel, 1), message(channel, 2, { data: { a: 1 } })])
    await archive.delete(channel, 2)
    await archive.delete(channel, 2)
    await archive.add([message(channel, 2)])
    expect(await all(channel)).toEqual([stored(1), stored(2, { text: '', deleted: true })])
  })

  test('a message that is deleted before it comes is not shown before, and comes without its text', async () => {
    const channel = newChannel()
    await archive.delete(channel, 1)
    expect(await all(channel)).toEqual([])
    // It must outlast this: else the text would come in after all.
    await archive.prune(1, 1_000)
    await archive.delete(channel, 1)
    await archive.add([message(channel, 1, { text: 'secret', data: { a: 1 } }), message(channel, 2)])
    await archive.add([message(channel, 1, { text: 'secret', from: { rid: 'x', name: 'xx' }, sentAtMs: 1 })])
    expect(await all(channel)).toEqual([stored(1, { text: '', deleted: true }), stored(2)])
  })

  test('whether a message is added or deleted first, its text is gone', async () => {
    const channel = newChannel()
    const messages = upTo(20).map((seq) => message(channel, seq))
    await many(40, (one, index) =>
      index % 2 === 0 ? one.add(messages) : one.delete(channel, (index + 1) / 2),
    )
    expect(await all(channel)).toEqual(messages.map(({ seq }) => stored(seq, { text: '', deleted: true })))
  })

  test('of a forgotten channel all messages are gone, and its numbers are not given out anew', async () => {
    const [channel, other] = [newChannel(), newChannel()]
    await archive.reserve(channel, 100)
    const add = (count: number) => archive.add(upTo(count).map((seq) => message(channel, seq, { text: '' })))
    await add(12_000)
    await archive.add([message(other, 1)])
    await archive.forget(channel)
    expect(await all(channel)).toEqual([])
    expect(await seqs(other)).toEqual([1])
    await archive.forget(channel)
    await add(5_000)
    await archive.forget(channel)
    expect(await all(channel)).toEqual([])
    expect(await archive.reserve(channel, 100)).toEqual({ floor: 100, ceiling: 200 })
  })

  test('the oldest are pruned, at most as many as are asked for', async () => {
    const [one, two] = [newChannel(), newChannel()]
    const at = (channel: string, seq: number, sentAtMs: number) => message(channel, seq, { sentAtMs })
    await archive.add([at(one, 1, 10), at(two, 1, 11), at(one, 2, 12), at(two, 2, 13), at(one, 3, 20)])
    await archive.delete(one, 2)
    expect(await archive.prune(10, 100)).toBe(0)
    expect(await archive.prune(20, 0)).toBe(0)
    expect(await archive.prune(20, 3)).toBe(3)
    expect([await seqs(one), await seqs(two)]).toEqual([[3], [2]])
    expect(await archive.prune(20, 3)).toBe(1)
    expect(await archive.prune(20, 3)).toBe(0)
    expect([await seqs(one), await seqs(two)]).toEqual([[3], []])
  })

  test('a channel ends with its newest message, and counts no more than there are', async () => {
    const names = Array.from({ length: 5 }, newChannel)
    const [gaps = '', deleted = '', early = '', long = ''] = names
    await archive.add([1, 2, 3, 10_001, 10_002].map((seq) => message(gaps, seq)))
    await archive.add([message(deleted, 1), message(deleted, 2)])
    await archive.delete(deleted, 2)
    // Not there yet.
    await archive.delete(early, 9)
    await archive.add(upTo(150).map((seq) => message(long, seq)))
    const ends = [
      { lastSeq: 10_002, baseSeq: 9_997 },
      { lastSeq: 2, baseSeq: 0 },
      { lastSeq: 0, baseSeq: 0 },
      { lastSeq: 150, baseSeq: 150 - chatArchiveLimits.countMax },
      { lastSeq: 0, baseSeq: 0 },
    ]
    expect(await archive.ends(names)).toEqual(ends)
    expect(await archive.ends([long, gaps, long])).toEqual([ends[3], ends[0], ends[3]])
    expect(await archive.ends([])).toEqual([])
    const many = Array.from({ length: 450 }, (_, index) => (index === 449 ? deleted : `alliance-x${index}`))
    expect((await archive.ends(many)).map(({ lastSeq }) => lastSeq)).toEqual([
      ...Array.from({ length: 449 }, () => 0),
      2,
    ])
  })

  const newRole = () => `role_${++made}`
  const talk = (one: string, other: string, seq: number, sentAtMs: number) =>
    message(conversationChannel(one, other), seq, { sentAtMs })

  test('private messages say for both sides with whom they have talked, the latest first', async () => {
    const [ann, bob, cid, dan] = [newRole(), newRole(), newRole(), newRole()]
    await archive.add([
      talk(ann, bob, 1, 10),
      talk(ann, cid, 1, 20),
      message(newChannel(), 1),
      talk(dan, ann, 1, 15),
    ])
    await archive.add([talk(bob, ann, 3, 40), talk(ann, bob, 2, 30), talk(cid, ann, 2, 5)])
    await archive.add([talk(ann, bob, 1, 10)])
    const all = [
      { rid: bob, lastAtMs: 40 },
      { rid: cid, lastAtMs: 20 },
      { rid: dan, lastAtMs: 15 },
    ]
    expect(await archive.conversations(ann, 10)).toEqual(all)
    expect(await archive.conversations(ann, 2)).toEqual(all.slice(0, 2))
    expect(await archive.conversations(ann, 0)).toEqual([])
    expect(await archive.conversations(bob, 10)).toEqual([{ rid: ann, lastAtMs: 40 }])
    expect(await archive.conversations(newRole(), 10)).toEqual([])
  })

  test('servers that add conversations of the same roles at the same time do not hold each other up', async () => {
    const roles = Array.from({ length: 12 }, newRole)
    const pairs = roles.flatMap((one, index) => roles.slice(index + 1).map((other) => [one, other] as const))
    await many(24, (one, index) => {
      const all = pairs.map(([a, b]) => talk(a, b, index + 1, 1_000 + index))
      return one.add(index % 2 === 0 ? all : all.toReversed())
    })
    for (const rid of roles) {
      const found = await archive.conversations(rid, 100)
      expect(found.map((each) => each.rid).toSorted()).toEqual(
        roles.filter((each) => each !== rid).toSorted(),
      )
      expect(new Set(found.map(({ lastAtMs }) => lastAtMs))).toEqual(new Set([1_023]))
    }
  })

  test('a conversation goes with its last message', async () => {
    const [ann, bob, cid] = [newRole(), newRole(), newRole()]
    await archive.add([
      talk(ann, bob, 1, 3),
      talk(ann, bob, 2, 4),
      talk(ann, cid, 1, 4),
      talk(ann, cid, 2, 9),
    ])
    // Two messages of the one, one of the other, and then both sides of the one.
    expect(await archive.prune(5, 4)).toBe(4)
    expect(await archive.prune(5, 4)).toBe(1)
    expect(await archive.prune(5, 4)).toBe(0)
    expect(await archive.conversations(ann, 10)).toEqual([{ rid: cid, lastAtMs: 9 }])
    expect(await archive.conversations(bob, 10)).toEqual([])
    await archive.forget(conversationChannel(ann, cid))
    expect(await archive.conversations(ann, 10)).toEqual([])
    expect(await archive.conversations(cid, 10)).toEqual([])
  })
}
