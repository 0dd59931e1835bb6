import {
  createChatArchive,
  createMemoryStores,
  migrate,
  openDatabase,
  type ChatArchive,
  type ChatLog,
  type Database,
} from '@hydra/persistence'
import { HydraError, type ChatMessage } from '@hydra/protocol'
import { createMetrics, ManualClock, silentLogger } from '@hydra/runtime'
import * as fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createChatMetrics } from '../chat-metrics.ts'
import { privateChannel, sharedChannel, systemChannel, type Channel } from './channel.ts'
import { ChannelWriter, type ChannelWriterOptions } from './channel-writer.ts'

const world = sharedChannel('world', 'local-1')
const alliance = sharedChannel('alliance', 'lions')
const from = { rid: 'r1', name: 'Ada' }

describe('a channel writer', () => {
  const clock = new ManualClock()
  let database: Database
  let chatArchive: ChatArchive
  let chatLog: ChatLog
  let pushed: { topic: string; message: ChatMessage; order: unknown }[]

  beforeEach(async () => {
    database = openDatabase({ kind: 'sqlite', file: ':memory:' }, { clock })
    await migrate(database)
    chatArchive = createChatArchive(database)
    chatLog = createMemoryStores({ clock }, { chatMessagesPerChannelMax: 1_000 }).chatLog
    pushed = []
  })
  afterEach(() => database.close())

  const open = (change: Partial<ChannelWriterOptions> = {}) =>
    new ChannelWriter({
      chatLog,
      chatArchive,
      peer: {
        publish: (topic, _push, message, options) =>
          void pushed.push({ topic, message: message as ChatMessage, order: options?.order }),
      },
      clock,
      log: silentLogger,
      metrics: createChatMetrics(createMetrics({ service: 'chat' })),
      waitingMax: 1_000,
      waitingPerChannelMax: 1_000,
      batchMax: 7,
      reserveSeqs: 100,
      ...change,
    })
  const say = (writer: ChannelWriter, channel: Channel, text: string, messageId?: string) =>
    writer.post(channel, { from, text, ...(messageId === undefined ? {} : { messageId }) }, clock.nowMs())
  const upTo = (count: number) => Array.from({ length: count }, (_, index) => index + 1)

  it('numbers each channel by itself and pushes in the order of the numbers, whatever comes at once', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.constantFrom(world, alliance, systemChannel), { minLength: 1, maxLength: 150 }),
        async (channels) => {
          const run = `${pushed.length}`
          const before = new Map(
            [world, alliance, systemChannel].map(({ key }) => [
              key,
              pushed.filter(({ topic }) => topic === `chat-${key}`).length,
            ]),
          )
          const writer = open()
          const posted = await Promise.all(
            channels.map((channel, index) => say(writer, channel, `${run}/${index}`)),
          )
          for (const channel of [world, alliance, systemChannel]) {
            const own = posted.filter((_, index) => channels[index] === channel)
            const first = (before.get(channel.key) ?? 0) + 1
            expect(own.map(({ seq }) => seq)).toEqual(own.map((_, index) => first + index))
            const heard = pushed.filter(({ topic }) => topic === `chat-${channel.key}`).slice(first - 1)
            expect(heard.map(({ message }) => [message.seq, message.text])).toEqual(
              own.map(({ seq, text }) => [seq, text]),
            )
          }
        },
      ),
      { numRuns: 20 },
    )
  })

  it('goes on when its numbers are used up, and behind them when the log is lost', async () => {
    const writer = open()
    const posted = await Promise.all(upTo(250).map((index) => say(writer, world, `${index}`)))
    expect(posted.map(({ seq }) => seq)).toEqual(upTo(250))
    chatLog = createMemoryStores({ clock }).chatLog
    const { seq } = await say(open(), world, 'after the loss')
    expect(seq).toBeGreaterThan(250)
  })

  it('goes on behind the numbers of all servers when the log is lost, whichever of them notices', async () => {
    const lost: Pick<ChatLog, 'append'> = { append: (...args) => chatLog.append(...args) }
    const [one, other] = [open({ chatLog: lost }), open({ chatLog: lost })]
    await say(one, alliance, 'first')
    for (const index of upTo(20)) await say(other, alliance, `${index}`)
    chatLog = createMemoryStores({ clock }).chatLog
    // It has a block from before the other one's numbers, and knows of none of these.
    const { seq } = await say(one, alliance, 'after the loss')
    expect(seq).toBeGreaterThan(21)
    await expect(say(other, alliance, 'next')).resolves.toMatchObject({ seq: seq + 1 })
  })

  it('tells both sides of a private conversation, each under the name of the other', async () => {
    await say(open(), privateChannel('r1', 'r2'), 'psst')
    expect(pushed.map(({ topic, message }) => [topic, message.channel])).toEqual([
      ['chat-role-r1', 'private-r2'],
      ['chat-role-r2', 'private-r1'],
    ])
    expect(pushed[0]?.order).toEqual({ sequence: 'private-r1.r2', seq: 1 })
  })

  it('stores a repeated message once, and pushes it again under its number', async () => {
    const [one, again] = [open(), open()]
    expect(await say(one, world, 'hello', 'm1')).toMatchObject({ seq: 1, repeated: false })
    expect(await say(again, world, 'hello', 'm1')).toMatchObject({ seq: 1, repeated: true })
    expect(pushed.map(({ message }) => message.seq)).toEqual([1, 1])
  })

  it('does not store what has waited so long that its messageId may be forgotten', async () => {
    const writer = open()
    const askedAtMs = clock.nowMs()
    const post = { from, text: 'hello', messageId: 'm1' }
    await writer.post(world, post, askedAtMs)
    // As after a server has stood still: another one had stored the message meanwhile.
    clock.advance(120_000)
    const late = [writer.post(world, post, askedAtMs), say(writer, world, 'new')]
    const [old, fresh] = await Promise.allSettled(late)
    expect(old).toMatchObject({ status: 'rejected', reason: { code: 'TIMEOUT' } })
    expect(fresh).toMatchObject({ status: 'fulfilled', value: { seq: 2 } })
    expect(await chatLog.page(world.key, { limit: 10 })).toHaveLength(2)
  })

  it('refuses more than may wait, and takes more when these are stored', async () => {
    const writer = open({ waitingMax: 3 })
    const first = upTo(3).map((index) => say(writer, world, `${index}`))
    await expect(say(writer, world, 'too much')).rejects.toMatchObject({ code: 'SERVER_BUSY' })
    await Promise.all(first)
    await expect(say(writer, world, 'again')).resolves.toMatchObject({ seq: 4 })
  })

  it('refuses more than may wait in one channel, and takes what others say', async () => {
    const writer = open({ waitingPerChannelMax: 2 })
    const first = upTo(2).map((index) => say(writer, world, `${index}`))
    await expect(say(writer, world, 'too much')).rejects.toMatchObject({ code: 'SERVER_BUSY' })
    await expect(say(writer, alliance, 'elsewhere')).resolves.toMatchObject({ seq: 1 })
    await Promise.all(first)
    await expect(say(writer, world, 'again')).resolves.toMatchObject({ seq: 3 })
  })

  it('refuses what the archive cannot take over, and loses nothing of it', async () => {
    chatLog = createMemoryStores({ clock }, { chatMessagesPerChannelMax: 10 }).chatLog
    const writer = open({ batchMax: 1 })
    const outcomes = await Promise.allSettled(upTo(12).map((index) => say(writer, alliance, `${index}`)))
    expect(outcomes.map(({ status }) => status)).toEqual([
      ...Array.from({ length: 10 }, () => 'fulfilled'),
      'rejected',
      'rejected',
    ])
    await chatLog.archived(alliance.key, 5)
    await expect(say(writer, alliance, 'more')).resolves.toMatchObject({ seq: 11 })
    await expect(say(writer, world, 'in the world')).resolves.toMatchObject({ seq: 1 })
  })

  it('tells everybody in a batch of its failure, and goes on after it', async () => {
    const failure = new HydraError('STORAGE_UNAVAILABLE', 'The log is away.')
    let isAway = true
    const writer = open({
      chatLog: { append: (...args) => (isAway ? Promise.reject(failure) : chatLog.append(...args)) },
    })
    const outcomes = await Promise.allSettled(upTo(3).map((index) => say(writer, world, `${index}`)))
    expect(outcomes.every((one) => one.status === 'rejected' && one.reason === failure)).toBe(true)
    isAway = false
    await expect(say(writer, world, 'back')).resolves.toMatchObject({ seq: 1 })
  })

  it('answers a message that is stored although it could not be pushed, so that nobody sends it twice', async () => {
    const metrics = createMetrics({ service: 'chat' })
    const writer = open({
      metrics: createChatMetrics(metrics),
      peer: {
        publish: () => {
          throw new HydraError('SERVER_GONE', 'The bus is not connected.')
        },
      },
    })
    await expect(say(writer, world, 'hello')).resolves.toMatchObject({ seq: 1 })
    expect(await chatLog.page(world.key, { limit: 10 })).toMatchObject([{ text: 'hello' }])
    expect(await metrics.expose()).toMatch(/hydra_chat_publish_failures_total\{service="chat"\} 1/)
  })
})
