import { testBackends, uniqueName } from '@hydra/testing'
import * as fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { ModelChatLog } from '../test-support/model-chat-log.ts'
import { testStores, type TestStores } from '../test-support/test-stores.ts'
import type { ChatLog } from './chat-log.ts'

const messagesMax = 12
const minuteMs = 60_000
const ageMaxMs = 60 * minuteMs
const channels = ['world', 'alliance-1'] as const

const channel = fc.constantFrom(...channels)
/** Of the channel: so many before its last number. */
const back = fc.integer({ min: -2, max: messagesMax + 4 })
const draft = fc.record({
  from: fc.record({
    rid: fc.constantFrom('r-1', 'r_2'),
    name: fc.string({ unit: 'grapheme', maxLength: 8 }),
  }),
  text: fc.string({ unit: 'binary', maxLength: 12 }),
  data: fc.option(
    fc.dictionary(fc.string(), fc.oneof(fc.string(), fc.integer(), fc.boolean()), { maxKeys: 2 }),
    {
      nil: undefined,
    },
  ),
  /** Clocks of servers differ. */
  skewMs: fc.integer({ min: -5_000, max: 5_000 }),
  messageId: fc.option(fc.constantFrom('a', 'b', 'c', 'd'), { nil: undefined }),
})
const appendStep = fc.record({
  do: fc.constant('append' as const),
  channel,
  drafts: fc.array(draft, { maxLength: 5 }),
  archive: fc.boolean(),
  floor: fc.constantFrom(0, 1_000, undefined),
  /** Numbers that the log has lost. */
  lost: fc.constantFrom(0, 0, 0, 0, 0, 0, 3, 30),
  /** Numbers that are left. */
  room: fc.constantFrom(2, 4, 1_000_000, 1_000_000, 1_000_000),
})
const pageStep = fc.record({
  do: fc.constant('page' as const),
  channel,
  before: fc.option(back, { nil: undefined }),
  after: fc.option(back, { nil: undefined }),
  limit: fc.integer({ min: 0, max: messagesMax + 2 }),
})
const step = fc.oneof(
  { weight: 8, arbitrary: appendStep },
  { weight: 4, arbitrary: pageStep },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('delete' as const), channel, back }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('archived' as const), channel, back }) },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constant('wait' as const),
      ms: fc.constantFrom(2 * minuteMs - 1, 2 * minuteMs, 20 * minuteMs, ageMaxMs - 5_000, ageMaxMs + 5_001),
    }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('forget' as const), channel }) },
)
type Step = typeof step extends fc.Arbitrary<infer S> ? S : never

/** Does the same to log and model, in channels that no other run has. */
class Run {
  readonly #opened: TestStores
  readonly #logs: readonly ChatLog[]
  readonly #model = new ModelChatLog({ messagesMax, ageMaxMs })
  readonly #prefix: string
  readonly #count: (event: string) => void
  #turn = 0

  constructor(opened: TestStores, logs: readonly ChatLog[], prefix: string, count: (event: string) => void) {
    this.#opened = opened
    this.#logs = logs
    this.#prefix = prefix
    this.#count = count
  }

  async apply(given: Step): Promise<void> {
    this.#count(given.do)
    if (given.do === 'wait') this.#opened.clock.advance(given.ms)
    else await this.#act(given, this.#prefix + given.channel)
    for (const name of channels) await this.#check(this.#prefix + name)
  }

  async close(): Promise<void> {
    for (const name of channels) await this.#log.forget(this.#prefix + name)
    expect(await this.#log.unarchived(10)).toEqual([])
  }

  /** Another server's each time. */
  get #log(): ChatLog {
    const log = this.#logs[this.#turn++ % this.#logs.length]
    if (log === undefined) throw new TypeError('no log')
    return log
  }

  async #act(given: Exclude<Step, { do: 'wait' }>, name: string): Promise<void> {
    const { clock } = this.#opened
    const nowMs = clock.nowMs()
    const seqAt = (before: number) => Math.max(0, this.#model.lastSeq(name) - before)
    switch (given.do) {
      case 'append': {
        const { archive, floor, lost, room } = given
        const knownSeq = this.#model.lastSeq(name) + lost
        const ceiling = Math.max(knownSeq, floor ?? 0) + room
        const drafts = given.drafts.map(({ from, text, data, skewMs, messageId }) => ({
          from,
          text,
          sentAtMs: nowMs + skewMs,
          ...(data === undefined ? {} : { data }),
          ...(messageId === undefined ? {} : { messageId }),
        }))
        const options = {
          archive,
          ceiling,
          ...(floor === undefined ? {} : { floor }),
          ...(lost === 0 ? {} : { knownSeq }),
        }
        const expected = this.#model.append(name, drafts, options, nowMs)
        expect(await this.#log.append(name, drafts, options)).toEqual(expected)
        this.#count(expected.kind)
        if (expected.kind === 'stored' && expected.messages.some(({ repeated }) => repeated))
          this.#count('repeat')
        return
      }
      case 'page': {
        const page = {
          limit: given.limit,
          ...(given.before === undefined ? {} : { beforeSeq: seqAt(given.before) }),
          ...(given.after === undefined ? {} : { afterSeq: seqAt(given.after) }),
        }
        expect(await this.#log.page(name, page)).toEqual(this.#model.page(name, page, nowMs))
        return
      }
      case 'delete': {
        const seq = seqAt(given.back)
        const had = this.#model.delete(name, seq, nowMs)
        expect(await this.#log.delete(name, seq)).toBe(had)
        if (had) this.#count('deleted')
        return
      }
      case 'archived':
        this.#model.archived(name, seqAt(given.back))
        return this.#log.archived(name, seqAt(given.back))
      case 'forget':
        this.#model.forget(name)
        return this.#log.forget(name)
    }
  }

  async #check(name: string): Promise<void> {
    const page = { limit: 100 }
    const expected = this.#model.page(name, page, this.#opened.clock.nowMs())
    expect(await this.#log.page(name, page)).toEqual(expected)
    expect(await this.#log.ends([name])).toMatchObject([{ lastSeq: this.#model.lastSeq(name) }])
    const byName = (a: { channel: string }, b: { channel: string }) => (a.channel < b.channel ? -1 : 1)
    expect((await this.#log.unarchived(100)).toSorted(byName)).toEqual(
      this.#model.unarchived().toSorted(byName),
    )
  }
}

describe.each(testStores({ ...testBackends(), uniqueName }))('chat log in $driver', ({ open }) => {
  let opened: TestStores
  let logs: readonly ChatLog[]
  beforeAll(async () => {
    opened = await open({ chatMessagesPerChannelMax: messagesMax, chatMessageAgeMaxMs: ageMaxMs })
    logs = [opened.stores.chatLog, (await opened.another()).chatLog]
  })
  afterAll(() => opened.close())

  test('does what the model does, whatever the calls', { timeout: 60_000 }, async () => {
    const counts = new Map<string, number>()
    const count = (event: string) => counts.set(event, (counts.get(event) ?? 0) + 1)
    let runs = 0
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 60, size: 'max' }), async (steps) => {
        const run = new Run(opened, logs, `run-${++runs}-`, count)
        try {
          for (const given of steps) await run.apply(given)
        } finally {
          await run.close()
        }
      }),
      // While a failure is made smaller, what was found so far is told in time.
      { numRuns: 100, interruptAfterTimeLimit: 45_000 },
    )
    // Otherwise the steps would not try what they are there for.
    for (const event of [
      'stored',
      'full',
      'ceiling',
      'repeat',
      'deleted',
      'page',
      'archived',
      'forget',
      'wait',
    ]) {
      expect([event, counts.get(event) ?? 0]).toEqual([event, expect.toSatisfy((n: number) => n >= 10)])
    }
  })
})
