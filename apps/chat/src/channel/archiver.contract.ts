import type { ArchivedMessage, ChatArchive, ChatLog, StorageDrivers } from '@hydra/persistence'
import { HydraError } from '@hydra/protocol'
import { createMetrics, ManualClock, noTracer, silentLogger } from '@hydra/runtime'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { createChatMetrics } from '../chat-metrics.ts'
import type { TestBackends } from '../test-support/test-backends.ts'
import { Archiver } from './archiver.ts'
import { privateChannel, sharedChannel } from './channel.ts'
import { readHistory } from './read-history.ts'

const alliance = sharedChannel('alliance', 'lions')
const talk = privateChannel('a', 'b')

/** How messages come from the log to the archive, and how both are read as one. */
export function archiverContract(open: () => Promise<TestBackends>): void {
  const clock = new ManualClock()
  let backends: TestBackends
  let storage: StorageDrivers
  let chatLog: ChatLog
  let chatArchive: ChatArchive

  beforeEach(async () => {
    backends = await open()
    ;({ storage } = backends)
    ;({ chatArchive } = storage)
    chatLog = storage.stores.chatLog
  })
  afterEach(() => backends.close())

  const open1 = (
    change: {
      add?: ChatArchive['add']
      isHere?: (each: { key: string }) => boolean
      keepMs?: number
    } = {},
  ) =>
    new Archiver({
      chatLog,
      chatArchive: {
        add: change.add ?? ((all) => chatArchive.add(all)),
        prune: (...args) => chatArchive.prune(...args),
      },
      isHere: change.isHere ?? (() => true),
      clock,
      log: silentLogger,
      metrics: createChatMetrics(createMetrics({ service: 'chat' })),
      tracer: noTracer,
      intervalMs: 500,
      keepMs: change.keepMs ?? 0,
    })
  const say = async ({ key }: { key: string }, count: number) => {
    const from = { rid: 'a', name: 'Ada' }
    const drafts = Array.from({ length: count }, (_, index) => ({
      from,
      text: `${index} 🎲`,
      sentAtMs: clock.nowMs(),
    }))
    const result = await chatLog.append(key, drafts, { ceiling: 1_000_000, floor: 0, archive: true })
    expect(result.kind).toBe('stored')
  }
  const archivedSeqs = async ({ key }: { key: string }) =>
    (await chatArchive.page(key, { limit: 2_000 })).map(({ seq }) => seq)
  const upTo = (count: number) => Array.from({ length: count }, (_, index) => index + 1)

  it('carries everything that waits, of many channels and more than one statement holds', async () => {
    await say(alliance, 700)
    await say(talk, 3)
    await open1().now()
    expect(await archivedSeqs(alliance)).toEqual(upTo(700))
    expect(await archivedSeqs(talk)).toEqual([1, 2, 3])
    expect(await chatLog.unarchived(10)).toEqual([])
    await say(talk, 2)
    await open1().now()
    expect(await archivedSeqs(talk)).toEqual(upTo(5))
  })

  it('leaves the channels of other servers to them', async () => {
    await say(alliance, 1)
    await say(talk, 1)
    await open1({ isHere: ({ key }) => key === talk.key }).now()
    expect(await archivedSeqs(alliance)).toEqual([])
    expect(await archivedSeqs(talk)).toEqual([1])
  })

  it('tries again what failed, also when it had taken effect', async () => {
    await say(talk, 3)
    const added: (readonly ArchivedMessage[])[] = []
    const archiver = open1({
      add: async (messages) => {
        await chatArchive.add(messages)
        added.push(messages)
        if (added.length === 1) throw new HydraError('STORAGE_UNAVAILABLE', 'The answer was lost.')
      },
    })
    await archiver.now()
    expect(await chatLog.unarchived(10)).toHaveLength(1)
    await archiver.now()
    expect(added).toHaveLength(2)
    expect(await archivedSeqs(talk)).toEqual([1, 2, 3])
    expect(await chatLog.unarchived(10)).toEqual([])
  })

  it('that is stopped ends with the statement under way, however much waits behind it', async () => {
    await say(alliance, 900)
    await say(talk, 3)
    const added: number[] = []
    const archiver = open1({
      add: async (messages) => {
        added.push(messages.length)
        void archiver.stop()
        await chatArchive.add(messages)
      },
    })
    await archiver.now()
    expect(added).toHaveLength(1)
    await archiver.stop()
    expect(added).toHaveLength(1)
    await open1().now()
    expect(await archivedSeqs(alliance)).toEqual(upTo(900))
  })

  it('what is too old leaves the archive step by step, beside what comes', async () => {
    const old = { from: { rid: 'a', name: 'Ada' }, text: 'old', sentAtMs: 1, channel: 'alliance-old' }
    await chatArchive.add(upTo(700).map((seq) => Object.assign({ seq }, old)))
    const archiver = open1({ keepMs: 5_000 })
    const left = async () => (await chatArchive.page(old.channel, { limit: 1_000 })).length
    const lefts = []
    for (const _ of upTo(3)) {
      await say(talk, 1)
      await archiver.now()
      lefts.push(await left())
    }
    expect(lefts).toEqual([200, 0, 0])
    expect(await archivedSeqs(talk)).toEqual([1, 2, 3])
  })

  it('a message that is deleted before, while or after it is archived stays deleted', async () => {
    await say(talk, 3)
    const remove = async (seq: number) => {
      await chatLog.delete(talk.key, seq)
      await chatArchive.delete(talk.key, seq)
    }
    await remove(1)
    await open1({
      add: async (messages) => {
        await remove(2)
        await chatArchive.add(messages)
      },
    }).now()
    await remove(3)
    const page = await chatArchive.page(talk.key, { limit: 10 })
    expect(page.map(({ seq, text, deleted }) => [seq, text, deleted])).toEqual(
      upTo(3).map((seq) => [seq, '', true]),
    )
  })

  it('the history is read as one, whatever the log has lost', async () => {
    await say(talk, 30)
    await open1().now()
    await chatLog.forget(talk.key)
    // As after a loss of the log: numbers go on behind what was reserved.
    const from = { rid: 'b', name: 'Bob' }
    const drafts = upTo(5).map((index) => ({ from, text: `new ${index}`, sentAtMs: clock.nowMs() }))
    await chatLog.append(talk.key, drafts, { ceiling: 200, floor: 100, archive: true })
    const all = [...upTo(30), 101, 102, 103, 104, 105]
    const read = async (page: { beforeSeq?: number; afterSeq?: number; limit: number }) =>
      (await readHistory({ chatLog, chatArchive }, talk, page)).map(({ seq }) => seq)
    expect(await read({ limit: 100 })).toEqual(all)
    expect(await read({ limit: 7 })).toEqual(all.slice(-7))
    expect(await read({ limit: 4, beforeSeq: 103 })).toEqual([29, 30, 101, 102])
    expect(await read({ limit: 4, beforeSeq: 3 })).toEqual([1, 2])
    expect(await read({ limit: 4, afterSeq: 0 })).toEqual([1, 2, 3, 4])
    expect(await read({ limit: 4, afterSeq: 28 })).toEqual([29, 30, 101, 102])
    expect(await read({ limit: 10, afterSeq: 103 })).toEqual([104, 105])
    expect(await read({ limit: 10, afterSeq: 105 })).toEqual([])
  })
}
