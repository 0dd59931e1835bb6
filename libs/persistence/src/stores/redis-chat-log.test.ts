import { ManualClock } from '@hydra/runtime'
import { testBackends, uniqueName } from '@hydra/testing'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { testRedisLink } from '../test-support/test-stores.ts'
import { chatLogLimits, type AppendOptions, type ChatLog } from './chat-log.ts'
import { createRedisChatLog } from './redis-chat-log.ts'
import { redisKeys } from './redis-keys.ts'
import type { RedisLink } from './redis-link.ts'

const { redisUrl } = testBackends()
const ageMaxMs = 3_600_000
const open: AppendOptions = { ceiling: 1_000_000, floor: 0, archive: false }

/** What only Redis has: keys that others can look at, and that expire. */
describe.runIf(redisUrl !== undefined)('chat log in Redis', () => {
  const prefix = `${uniqueName('chat_log')}:`
  const keys = redisKeys(prefix)
  const channel = keys.chatChannel('world')
  const clock = new ManualClock()
  let link: RedisLink
  let log: ChatLog
  beforeEach(async () => {
    link = testRedisLink(redisUrl ?? '')
    await link.ping()
    log = createRedisChatLog(
      link,
      keys,
      { clock },
      { chatMessagesPerChannelMax: 3_000, chatMessageAgeMaxMs: ageMaxMs },
    )
  })
  afterEach(async () => {
    const all = await names()
    if (all.length > 0) await link.run((redis) => redis.del(all))
    await link.close()
  })

  const names = async () => (await link.run((redis) => redis.keys(`${prefix}*`))).toSorted()
  const leftMs = (key: string) => link.run((redis) => redis.pttl(key))
  const expectLeft = async (key: string, ms: number) => {
    const left = await leftMs(key)
    expect(left).toBeLessThanOrEqual(ms)
    expect(left).toBeGreaterThan(ms - 60_000)
  }
  const say = (texts: readonly string[], options = open, messageId?: string) =>
    log.append(
      'world',
      texts.map((text) => ({
        from: { rid: 'r', name: 'Ann' },
        text,
        sentAtMs: clock.nowMs(),
        ...(messageId === undefined ? {} : { messageId }),
      })),
      options,
    )
  const whole = async () => {
    const [entries, deleted, state] = await Promise.all([
      link.run((redis) => redis.xrange(keys.chatLog('world'), '-', '+')),
      link.run((redis) => redis.zrange(keys.chatDeleted('world'), 0, -1)),
      link.run((redis) => redis.hgetall(channel)),
    ])
    return JSON.stringify([entries, deleted, state])
  }

  test('messages expire with the newest of them, their ids sooner, the number never', async () => {
    await say(['a'], open, 'm')
    await say(['b'])
    await log.delete('world', 1)
    expect(await names()).toEqual(
      [channel, `${channel}:deleted`, `${channel}:id:m`, `${channel}:log`].toSorted(),
    )
    await expectLeft(`${channel}:log`, ageMaxMs)
    await expectLeft(`${channel}:deleted`, ageMaxMs)
    await expectLeft(`${channel}:id:m`, chatLogLimits.repeatMs)
    expect(await leftMs(channel)).toBe(-1)
  })

  test('what waits for the archive does not expire until it is there', async () => {
    await say(['a'])
    await log.delete('world', 1)
    await say(['b'], { ...open, archive: true })
    expect(await leftMs(`${channel}:log`)).toBe(-1)
    expect(await leftMs(`${channel}:deleted`)).toBe(-1)
    clock.advance(ageMaxMs / 2)
    await log.archived('world', 2)
    await expectLeft(`${channel}:log`, ageMaxMs / 2)
    await expectLeft(`${channel}:deleted`, ageMaxMs / 2)
    await say(['c'], { ...open, archive: true })
    clock.advance(ageMaxMs + 1)
    await log.archived('world', 3)
    expect(await names()).toEqual([channel])
  })

  test('the text of a deleted message is in no key any more', async () => {
    await say(['the secret', 'b'], open)
    await say(['another secret'], open, 'm')
    expect(await whole()).toContain('secret')
    await log.delete('world', 1)
    await log.delete('world', 3)
    expect(await whole()).not.toContain('secret')
    expect(await link.run((redis) => redis.get(`${channel}:id:m`))).not.toContain('secret')
  })

  test('an append drops a bounded number of old messages; those that are left are not shown', async () => {
    await say(Array.from({ length: 2_500 }, (_, index) => `${index}`))
    await log.delete('world', 1)
    clock.advance(ageMaxMs / 2)
    await say(['young'])
    clock.advance(ageMaxMs / 2 + 1)
    expect(await log.page('world', { afterSeq: 0, limit: 10 })).toMatchObject([{ seq: 2_501 }])
    const length = () => link.run((redis) => redis.xlen(`${channel}:log`))
    await say(['next'])
    expect(await length()).toBe(1_502)
    expect(await link.run((redis) => redis.zcard(`${channel}:deleted`))).toBe(0)
    await say(['next'])
    await say(['next'])
    expect(await length()).toBe(4)
    expect((await log.page('world', { limit: 10 })).map(({ seq }) => seq)).toEqual([
      2_501, 2_502, 2_503, 2_504,
    ])
  })

  test('a loss that was not complete gives no number out again', async () => {
    await say(['a', 'b', 'c'])
    await log.delete('world', 3)
    await link.run((redis) => redis.del(channel))
    expect(await say(['d'], { ceiling: 1_000_000, archive: false })).toEqual({ kind: 'ceiling', lastSeq: 3 })
    expect(await say(['d'])).toMatchObject({ kind: 'stored', messages: [{ seq: 4 }] })
    expect(await log.ends(['world'])).toMatchObject([{ lastSeq: 4 }])
  })

  test('a large batch is one step', async () => {
    const texts = Array.from({ length: 2_900 }, (_, index) => `text ${index}`)
    const result = await say(texts, { ...open, archive: true })
    expect(result).toMatchObject({ kind: 'stored' })
    expect(await log.ends(['world'])).toMatchObject([{ lastSeq: 2_900 }])
    expect((await log.page('world', { limit: 3_000 })).map(({ text }) => text)).toEqual(texts)
  })
})
