import type { ManualClock } from '@hydra/runtime'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { TestStores } from '../test-support/test-stores.ts'
import {
  chatLogLimits,
  type AppendOptions,
  type AppendResult,
  type ChatDraft,
  type ChatLog,
  type LogPage,
} from './chat-log.ts'
import type { StoreLimits } from './stores.ts'

const messagesMax = 10
const ageMaxMs = 3_600_000
const open: AppendOptions = { ceiling: 1_000_000, floor: 0, archive: false }
const archived: AppendOptions = { ...open, archive: true }

const upTo = (last: number, first = 1) =>
  Array.from({ length: last - first + 1 }, (_, index) => first + index)

/** What every chat log does. */
export function chatLogContract(openStores: (limits: StoreLimits) => Promise<TestStores>): void {
  let opened: TestStores
  let log: ChatLog
  let clock: ManualClock
  beforeEach(async () => {
    opened = await openStores({ chatMessagesPerChannelMax: messagesMax, chatMessageAgeMaxMs: ageMaxMs })
    log = opened.stores.chatLog
    clock = opened.clock
  })
  afterEach(() => opened.close())

  const draft = (text: string, more: Partial<ChatDraft> = {}): ChatDraft => ({
    from: { rid: 'r-1', name: 'Ann' },
    text,
    sentAtMs: clock.nowMs(),
    ...more,
  })
  const append = (drafts: readonly (ChatDraft | string)[], options = open, channel = 'world') =>
    log.append(
      channel,
      drafts.map((one) => (typeof one === 'string' ? draft(one) : one)),
      options,
    )
  const say = async (count: number, options = open) => {
    for (let index = 1; index <= count; index++) await append([`message ${index}`], options)
  }
  const messagesOf = (result: AppendResult) => {
    if (result.kind !== 'stored') throw new Error(`not stored: ${result.kind}`)
    return result.messages
  }
  const numbers = (result: AppendResult) => messagesOf(result).map(({ seq }) => seq)
  const seqs = async (page: Partial<LogPage> = {}) =>
    (await log.page('world', { limit: 100, ...page })).map(({ seq }) => seq)
  const texts = async () => (await log.page('world', { limit: 100 })).map(({ text }) => text)
  const lastSeq = async (channel = 'world') => (await log.ends([channel]))[0]?.lastSeq

  test('a channel of which nothing is known', async () => {
    expect(await log.ends(['world', 'system'])).toMatchObject([{ lastSeq: 0 }, { lastSeq: 0 }])
    expect(await seqs()).toEqual([])
    expect(await seqs({ beforeSeq: 5 })).toEqual([])
    expect(await seqs({ afterSeq: 0 })).toEqual([])
    expect(await log.delete('world', 1)).toBe(false)
    expect(await log.unarchived(10)).toEqual([])
    await log.archived('world', 7)
    await log.forget('world')
    expect(await append([])).toEqual({ kind: 'stored', messages: [] })
    expect(await lastSeq()).toBe(0)
    expect(await opened.count()).toBe(0)
  })

  test('numbers count from the floor in each channel and messages come back as they were', async () => {
    const first = draft('Grüße 🎲\nzweite "Zeile"', { data: { item: 7, name: 'Schwert ⚔️', rare: true } })
    const second = draft('b', { from: { rid: 'r_2', name: 'Bob {x} y' }, messageId: 'm-1' })
    const stored = [
      { ...first, seq: 1 },
      { from: second.from, text: 'b', sentAtMs: second.sentAtMs, seq: 2 },
    ]
    expect(await append([first, second])).toEqual({
      kind: 'stored',
      messages: stored.map((message) => ({ ...message, repeated: false })),
    })
    expect(await log.page('world', { limit: 5 })).toEqual(stored)
    expect(numbers(await append(['c'], { ...open, floor: 500 }, 'alliance-42'))).toEqual([501])
    expect(numbers(await append(['d'], { ...open, floor: 900 }, 'alliance-42'))).toEqual([502])
    const ends = await log.ends(['alliance-42', 'none', 'world'])
    expect(ends.map((end) => end.lastSeq)).toEqual([502, 0, 2])
  })

  test('a channel of which nothing is known does not begin without a floor, and goes on without one', async () => {
    const without = { ceiling: 1_000, archive: true }
    expect(await append(['a'], without)).toEqual({ kind: 'ceiling', lastSeq: 0 })
    expect(await append(['a'], { ...without, knownSeq: 7 })).toEqual({ kind: 'ceiling', lastSeq: 7 })
    expect(await opened.count()).toBe(0)
    expect(numbers(await append(['a'], { ...without, floor: 20 }))).toEqual([21])
    expect(numbers(await append(['b'], without))).toEqual([22])
  })

  test('it is known where the numbers of a channel begin', async () => {
    expect(await log.ends(['world'])).toEqual([{ lastSeq: 0, baseSeq: 0 }])
    expect(await log.ends([])).toEqual([])
    await say(2)
    await append(['a', 'b'], { ...open, floor: 500, knownSeq: 502 }, 'alliance-42')
    await append(['c'], { ...open, floor: 900 }, 'alliance-42')
    expect(await log.ends(['alliance-42', 'world'])).toEqual([
      { lastSeq: 505, baseSeq: 502 },
      { lastSeq: 2, baseSeq: 0 },
    ])
  })

  test('numbers are whole however large they are', async () => {
    const floor = 2 ** 52
    expect(numbers(await append(['a', 'b'], { floor, ceiling: floor + 2, archive: true }))).toEqual([
      floor + 1,
      floor + 2,
    ])
    expect(await seqs()).toEqual([floor + 1, floor + 2])
    expect(await log.delete('world', floor + 1)).toBe(true)
    expect(await seqs({ afterSeq: floor })).toEqual([floor + 1, floor + 2])
    expect(await log.unarchived(1)).toEqual([{ channel: 'world', archivedSeq: floor }])
    expect(await lastSeq()).toBe(floor + 2)
  })

  test('pages before a number are the latest, pages after one the earliest, both in order', async () => {
    await say(7)
    expect(await seqs({ limit: 3 })).toEqual([5, 6, 7])
    expect(await seqs({ limit: 3, beforeSeq: 5 })).toEqual([2, 3, 4])
    expect(await seqs({ limit: 3, beforeSeq: 2 })).toEqual([1])
    expect(await seqs({ limit: 3, beforeSeq: 1 })).toEqual([])
    expect(await seqs({ limit: 3, beforeSeq: 100 })).toEqual([5, 6, 7])
    expect(await seqs({ limit: 3, afterSeq: 0 })).toEqual([1, 2, 3])
    expect(await seqs({ limit: 3, afterSeq: 5 })).toEqual([6, 7])
    expect(await seqs({ limit: 3, afterSeq: 7 })).toEqual([])
    expect(await seqs({ limit: 3, afterSeq: 1, beforeSeq: 3 })).toEqual([2])
    expect(await seqs()).toEqual(upTo(7))
    expect(await seqs({ limit: 0 })).toEqual([])
  })

  test('only the latest are kept, and numbers go on', async () => {
    await say(25)
    expect(await lastSeq()).toBe(25)
    expect(await seqs()).toEqual(upTo(25, 16))
    expect(await seqs({ beforeSeq: 18 })).toEqual([16, 17])
    expect(await seqs({ beforeSeq: 3 })).toEqual([])
    expect(await seqs({ afterSeq: 3, limit: 2 })).toEqual([16, 17])
    expect(numbers(await append(Array.from({ length: 13 }, () => 'many')))).toEqual(upTo(38, 26))
    expect(await seqs()).toEqual(upTo(38, 29))
  })

  test('no number above the ceiling is given out, and of a batch that needs one nothing is stored', async () => {
    const options = { ...open, ceiling: 3 }
    expect(await append(['a', 'b', 'c', 'd'], { ...options, floor: 0 })).toEqual({
      kind: 'ceiling',
      lastSeq: 0,
    })
    expect(await append(['a'], { ...options, floor: 3 })).toEqual({ kind: 'ceiling', lastSeq: 3 })
    expect(await opened.count()).toBe(0)
    expect(numbers(await append(['a', 'b'], options))).toEqual([1, 2])
    expect(await append([draft('c', { messageId: 'm' }), 'd'], options)).toEqual({
      kind: 'ceiling',
      lastSeq: 2,
    })
    expect(await seqs()).toEqual([1, 2])
    expect(messagesOf(await append([draft('e', { messageId: 'm' })], options))).toMatchObject([
      { seq: 3, text: 'e', repeated: false },
    ])
  })

  test('what is sent again is stored once: in one batch, in a later one, and beside new ones', async () => {
    const sent = (text: string, messageId: string) => draft(text, { messageId })
    const first = messagesOf(await append([sent('a', 'm-1'), sent('A', 'm-1'), 'b', sent('c', 'm-2')]))
    expect(first.map(({ seq, text, repeated }) => [seq, text, repeated])).toEqual([
      [1, 'a', false],
      [1, 'a', true],
      [2, 'b', false],
      [3, 'c', false],
    ])
    clock.advance(1_000)
    const again = await append([sent('x', 'm-2'), 'd', sent('y', 'm-1'), sent('e', 'm-3'), sent('z', 'm-3')])
    expect(messagesOf(again)).toEqual([
      { ...first[3], repeated: true },
      { ...draft('d'), seq: 4, repeated: false },
      { ...first[0], repeated: true },
      { ...draft('e'), seq: 5, repeated: false },
      { ...draft('e'), seq: 5, repeated: true },
    ])
    expect(await texts()).toEqual(['a', 'b', 'c', 'd', 'e'])
    // Repeats use no number, so neither the ceiling nor a full channel is in their way.
    expect(numbers(await append([sent('x', 'm-1')], { ...archived, ceiling: 1 }))).toEqual([1])
    expect(await log.unarchived(10)).toEqual([])
    // Message ids are those of a channel.
    expect(numbers(await append([sent('x', 'm-1')], { ...open, floor: 70 }, 'system'))).toEqual([71])
  })

  test('a message is known by its id for a time only, and also when it was deleted or has left', async () => {
    const sent = (text: string) => draft(text, { messageId: 'm' })
    await append([sent('a')])
    clock.advance(chatLogLimits.repeatMs - 1)
    await log.delete('world', 1)
    expect(messagesOf(await append([sent('b')]))).toMatchObject([
      { seq: 1, text: '', deleted: true, repeated: true },
    ])
    await say(messagesMax)
    expect(messagesOf(await append([sent('c')]))).toMatchObject([{ seq: 1, text: 'c', repeated: true }])
    clock.advance(1)
    expect(messagesOf(await append([sent('d')]))).toMatchObject([{ seq: 12, text: 'd', repeated: false }])
  })

  test('what is too old is not there any more, and the number stays', async () => {
    await say(3)
    clock.advance(ageMaxMs / 2)
    await say(2)
    clock.advance(ageMaxMs / 2)
    expect(await seqs()).toEqual(upTo(5))
    clock.advance(1)
    expect(await seqs()).toEqual([4, 5])
    expect(await seqs({ afterSeq: 0, limit: 1 })).toEqual([4])
    expect(await seqs({ beforeSeq: 4 })).toEqual([])
    expect(await log.delete('world', 3)).toBe(false)
    clock.advance(ageMaxMs)
    expect(await seqs()).toEqual([])
    expect(await lastSeq()).toBe(5)
    expect(numbers(await append(['new']))).toEqual([6])
    expect(await seqs()).toEqual([6])
  })

  test('messages whose times are out of order leave in order of their numbers', async () => {
    const now = clock.nowMs()
    await append([draft('a', { sentAtMs: now }), draft('b', { sentAtMs: now - 5_000 })])
    await append([draft('c', { sentAtMs: now + 1_000 }), draft('d', { sentAtMs: now - 9_000 })])
    clock.advance(ageMaxMs)
    expect(await seqs()).toEqual([1, 2, 3, 4])
    clock.advance(1)
    expect(await seqs()).toEqual([3, 4])
    clock.advance(1_000)
    expect(await seqs()).toEqual([])
  })

  test('of a deleted message nothing is left but who sent it when', async () => {
    const secret = draft('secret', { data: { word: 'hidden' }, messageId: 'm' })
    await append(['a', secret, 'c'])
    expect(await log.delete('world', 2)).toBe(true)
    expect(await log.delete('world', 2)).toBe(true)
    expect(await log.delete('world', 4)).toBe(false)
    expect(await log.delete('world', 0)).toBe(false)
    const gone = { seq: 2, from: secret.from, text: '', sentAtMs: secret.sentAtMs, deleted: true }
    expect(await log.page('world', { limit: 2 })).toEqual([gone, { ...draft('c'), seq: 3 }])
    expect(await log.page('world', { afterSeq: 1, limit: 1 })).toEqual([gone])
    await say(messagesMax - 1)
    expect(await seqs()).toEqual(upTo(12, 3))
    expect(await log.delete('world', 2)).toBe(false)
    for (const seq of upTo(12, 3)) await log.delete('world', seq)
    expect(await seqs()).toEqual(upTo(12, 3))
    clock.advance(ageMaxMs + 1)
    expect(await seqs()).toEqual([])
  })

  test('what waits for the archive is never dropped: neither for its number nor for its age', async () => {
    expect(numbers(await append(upTo(8).map(String), archived))).toEqual(upTo(8))
    expect(await log.unarchived(10)).toEqual([{ channel: 'world', archivedSeq: 0 }])
    expect(await append(['9', '10', '11'], archived)).toEqual({ kind: 'full' })
    expect(await append(['9', '10', '11'])).toEqual({ kind: 'full' })
    expect(numbers(await append(['9', '10'], archived))).toEqual([9, 10])
    clock.advance(ageMaxMs * 2)
    expect(await seqs()).toEqual(upTo(10))
    expect(await append(['11'], archived)).toEqual({ kind: 'full' })

    await log.archived('world', 4)
    await log.archived('world', 3)
    expect(await log.unarchived(10)).toEqual([{ channel: 'world', archivedSeq: 4 }])
    expect(await seqs()).toEqual(upTo(10, 5))
    expect(numbers(await append(['11', '12', '13', '14'], archived))).toEqual(upTo(14, 11))
    expect(await seqs()).toEqual(upTo(14, 5))
    await log.archived('world', 99)
    expect(await log.unarchived(10)).toEqual([])
    expect(await seqs()).toEqual(upTo(14, 11))
    expect(numbers(await append(['15'], archived))).toEqual([15])
    expect(await log.unarchived(10)).toEqual([{ channel: 'world', archivedSeq: 14 }])
  })

  test('channels with something to archive are listed up to a limit', async () => {
    const channels = ['alliance-1', 'alliance-2', 'private-a.b']
    for (const channel of channels) await append(['a'], archived, channel)
    const listed = async (limit: number) =>
      (await log.unarchived(limit)).map(({ channel }) => channel).toSorted()
    expect(await listed(9)).toEqual(channels)
    expect(new Set(await listed(2)).size).toBe(2)
    expect(await listed(0)).toEqual([])
  })

  test('of a forgotten channel nothing is left, not even its message ids', async () => {
    const sent = draft('a', { messageId: 'm' })
    await append([sent, 'b'], archived)
    await log.delete('world', 2)
    await log.forget('world')
    expect(await log.unarchived(10)).toEqual([])
    expect(await lastSeq()).toBe(0)
    expect(await seqs()).toEqual([])
    expect(messagesOf(await append([sent], { ...open, floor: 1_000 }))).toMatchObject([
      { seq: 1_001, repeated: false },
    ])
  })

  test('after a loss numbers go on behind the floor', async () => {
    await append([draft('a', { messageId: 'm' })], archived)
    log = (await opened.lose()).chatLog
    expect(await lastSeq()).toBe(0)
    expect(await log.unarchived(10)).toEqual([])
    expect(numbers(await append([draft('a', { messageId: 'm' })], { ...archived, floor: 1_000 }))).toEqual([
      1_001,
    ])
    expect(await log.unarchived(10)).toEqual([{ channel: 'world', archivedSeq: 1_000 }])
  })

  test('a log that was set back goes on behind the last number that the caller knows', async () => {
    await append(['a', draft('b', { messageId: 'm' })], archived)
    expect(numbers(await append(['c'], { ...archived, knownSeq: 1 }))).toEqual([3])
    expect(await append(['d'], { ...archived, knownSeq: 90, ceiling: 90 })).toEqual({ kind: 'full' })
    await log.archived('world', 3)
    const ceiling = { kind: 'ceiling', lastSeq: 90 }
    expect(await append(['d'], { ...archived, knownSeq: 90, ceiling: 90 })).toEqual(ceiling)
    expect(await lastSeq()).toBe(3)
    const repeated = [
      { seq: 2, text: 'b', repeated: true },
      { seq: 91, repeated: false },
    ]
    const result = await append([draft('x', { messageId: 'm' }), 'd'], { ...archived, knownSeq: 90 })
    expect(messagesOf(result)).toMatchObject(repeated)
    expect(await log.unarchived(10)).toEqual([{ channel: 'world', archivedSeq: 90 }])
    expect(await seqs()).toEqual([91])
    expect(numbers(await append(['e'], { ...archived, knownSeq: 90 }))).toEqual([92])
  })

  test('appends at the same time, through several connections, leave no gap and no double', async () => {
    const logs = [log]
    while (logs.length < 4) logs.push((await opened.another()).chatLog)
    const results = await Promise.all(
      Array.from({ length: 80 }, (_, index) => {
        const drafts = Array.from({ length: (index % 3) + 1 }, (_, place) => draft(`${index}.${place}`))
        return (logs[index % logs.length] ?? log).append('world', drafts, open)
      }),
    )
    const stored = results.flatMap(messagesOf)
    expect(stored.map(({ seq }) => seq).toSorted((a, b) => a - b)).toEqual(upTo(stored.length))
    for (const result of results) {
      const own = numbers(result)
      expect(own).toEqual(upTo((own[0] ?? 0) + own.length - 1, own[0]))
    }
    const kept = await log.page('world', { limit: 100 })
    expect(kept.map(({ seq }) => seq)).toEqual(upTo(stored.length, stored.length - messagesMax + 1))
    for (const { seq, text } of kept) expect(stored.find((message) => message.seq === seq)?.text).toBe(text)
  })

  test('a message that several servers are sent at the same time is stored once', async () => {
    const logs = [log, (await opened.another()).chatLog, (await opened.another()).chatLog]
    const results = await Promise.all(
      Array.from({ length: 30 }, (_, index) =>
        (logs[index % logs.length] ?? log).append('world', [draft('a', { messageId: 'm' })], open),
      ),
    )
    const messages = results.flatMap(messagesOf)
    expect(messages.filter(({ repeated }) => !repeated)).toHaveLength(1)
    expect(new Set(messages.map(({ seq }) => seq))).toEqual(new Set([1]))
    expect(await lastSeq()).toBe(1)
  })
}
