import { afterEach, beforeEach, expect, test } from 'vitest'
import type { TestStores } from '../test-support/test-stores.ts'
import type { ChatLog } from './chat-log.ts'
import type { StoreLimits } from './stores.ts'

/** What every chat log does. */
export function chatLogContract(open: (limits: StoreLimits) => Promise<TestStores>): void {
  const messagesMax = 10
  let opened: TestStores
  let log: ChatLog
  beforeEach(async () => {
    opened = await open({ chatMessagesPerChannelMax: messagesMax })
    log = opened.stores.chatLog
  })
  afterEach(() => opened.close())

  const draft = (text: string, channel = 'world') => ({
    channel,
    from: { rid: 'r-1', name: 'Ann' },
    text,
    sentAtMs: 1_767_225_600_000,
  })
  const append = async (count: number) => {
    for (let index = 1; index <= count; index++) await log.append(draft(`message ${index}`))
  }
  const seqs = async (options: { beforeSeq?: number; limit: number }) =>
    (await log.page('world', options)).map(({ seq }) => seq)

  test('an empty channel', async () => {
    expect(await log.lastSeq('world')).toBe(0)
    expect(await log.page('world', { limit: 10 })).toEqual([])
    expect(await log.page('world', { limit: 10, beforeSeq: 5 })).toEqual([])
  })

  test('numbers count from 1 in each channel and messages come back as they were', async () => {
    const text = 'Grüße 🎲\nzweite "Zeile"'
    expect(await log.append(draft(text))).toEqual({ ...draft(text), seq: 1 })
    expect(await log.append(draft('b'))).toMatchObject({ seq: 2 })
    expect(await log.append(draft('c', 'alliance-42'))).toMatchObject({ seq: 1 })
    expect(await log.page('world', { limit: 1, beforeSeq: 2 })).toEqual([{ ...draft(text), seq: 1 }])
    expect(await log.lastSeq('world')).toBe(2)
  })

  test('pages are the latest before a number, oldest first', async () => {
    await append(7)
    expect(await seqs({ limit: 3 })).toEqual([5, 6, 7])
    expect(await seqs({ limit: 3, beforeSeq: 5 })).toEqual([2, 3, 4])
    expect(await seqs({ limit: 3, beforeSeq: 2 })).toEqual([1])
    expect(await seqs({ limit: 3, beforeSeq: 1 })).toEqual([])
    expect(await seqs({ limit: 3, beforeSeq: 100 })).toEqual([5, 6, 7])
    expect(await seqs({ limit: 100 })).toEqual([1, 2, 3, 4, 5, 6, 7])
    expect(await seqs({ limit: 0 })).toEqual([])
  })

  test('only the latest are kept, and numbers go on', async () => {
    await append(25)
    expect(await log.lastSeq('world')).toBe(25)
    expect(await seqs({ limit: 100 })).toEqual([16, 17, 18, 19, 20, 21, 22, 23, 24, 25])
    expect(await seqs({ limit: 100, beforeSeq: 18 })).toEqual([16, 17])
    expect(await seqs({ limit: 100, beforeSeq: 3 })).toEqual([])
  })

  test('appends at the same time leave no gap and no double', async () => {
    const messages = await Promise.all(
      Array.from({ length: 40 }, (_, index) => log.append(draft(`${index}`))),
    )
    expect(messages.map(({ seq }) => seq).toSorted((a, b) => a - b)).toEqual(
      Array.from({ length: 40 }, (_, index) => index + 1),
    )
    const kept = await log.page('world', { limit: 100 })
    expect(
      kept.every(({ seq, text }) => messages.some((message) => message.seq === seq && message.text === text)),
    ).toBe(true)
  })
}
