import { setImmediate as turn } from 'node:timers/promises'
import type { ChatMessage } from '@hydra/protocol'
import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { createChannelFeed } from './channel-feed.ts'
import { ChannelServer } from './test-support/channel-server.ts'
import { ManualClock } from './test-support/manual-clock.ts'

/** One thing that happens; `at` chooses among what it can happen to. */
type Step =
  | {
      readonly does: 'post' | 'delete' | 'trim' | 'answer' | 'fail' | 'arrive' | 'repeat' | 'drop'
      at: number
    }
  | { readonly does: 'resync' | 'wait'; at: number }

const at = fc.nat({ max: 7 })
const step: fc.Arbitrary<Step> = fc.oneof(
  ...(
    [
      [8, 'post'],
      [1, 'delete'],
      [1, 'trim'],
      [6, 'answer'],
      [1, 'fail'],
      [8, 'arrive'],
      [1, 'repeat'],
      [2, 'drop'],
      [1, 'resync'],
      [2, 'wait'],
    ] as const
  ).map(([weight, does]) => ({ weight, arbitrary: fc.record({ does: fc.constant(does), at }) })),
)

/** What a client was told, in order, by number. */
type Told = { readonly seq: number; readonly message?: ChatMessage }

class Play {
  readonly server = new ChannelServer()
  readonly told: Told[] = []
  readonly deleted = new Set<number>()
  /** Whose deletion the client could not hear of. */
  readonly unheard = new Set<number>()
  readonly errors: unknown[] = []
  readonly #clock = new ManualClock()
  readonly feed

  constructor(options: { before: number; afterSeq?: number; pageMax: number; aheadMax: number }) {
    const { before, ...rest } = options
    for (let i = 0; i < before; i++) this.server.post()
    this.feed = createChannelFeed({
      ...rest,
      client: this.server,
      channel: 'world',
      onMessages: (messages) => this.told.push(...messages.map((message) => ({ seq: message.seq, message }))),
      onLost: ({ from, to }) => {
        for (let seq = from; seq <= to; seq++) this.told.push({ seq })
      },
      onDeleted: ({ seq }) => void this.deleted.add(seq),
      onError: (error) => this.errors.push(error),
      clock: this.#clock,
      quietMs: 0,
      random: () => 0.5,
    })
  }

  async take({ does, at }: Step): Promise<void> {
    const { server } = this
    const one = <T>(list: T[]): T[] => (list.length === 0 ? [] : list.splice(at % list.length, 1))
    if (does === 'post') for (let i = 0; i <= at % 3; i++) server.post()
    if (does === 'delete') server.delete(server.lastSeq - at)
    if (does === 'trim') server.oldest = Math.max(server.oldest, server.lastSeq + 1 - at)
    if (does === 'answer') for (const request of one(server.requests)) server.onTheWay.push(request.answer())
    if (does === 'fail') for (const request of one(server.requests)) request.fail('SERVER_BUSY')
    if (does === 'arrive') for (const each of one(server.onTheWay)) each.arrive()
    if (does === 'repeat') server.onTheWay.at(at % (server.onTheWay.length || 1))?.arrive()
    if (does === 'drop') this.#drop(one(server.onTheWay))
    if (does === 'resync') this.feed.resync()
    if (does === 'wait') this.#clock.advance(1_000)
    await turn()
  }

  #drop(lost: ReturnType<ChannelServer['onTheWay']['splice']>): void {
    for (const each of lost) {
      // That a deletion is not heard while away is as documented; here it is noted by what has been deleted so far.
      if (each.isPush) for (const { seq, deleted } of this.server.messages) if (deleted) this.unheard.add(seq)
      each.drop()
    }
  }

  /** The network is well again, and the client comes back. */
  async recover(): Promise<void> {
    this.feed.resync()
    for (let round = 0; round < 200; round++) {
      this.server.settle()
      await turn()
      this.#clock.advance(10_000)
      await turn()
    }
  }

  get isIdle(): boolean {
    return this.server.requests.length === 0 && this.#clock.timers === 0
  }
}

test('whatever becomes of pushes and requests, what is told is the history in order, or lost for good', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.record({
        before: fc.nat({ max: 12 }),
        afterSeq: fc.option(fc.constant(0), { nil: undefined }),
        pageMax: fc.integer({ min: 1, max: 4 }),
        aheadMax: fc.integer({ min: 1, max: 5 }),
      }),
      fc.array(step, { maxLength: 60 }),
      async ({ afterSeq, ...rest }, steps) => {
        const play = new Play({ ...rest, ...(afterSeq === undefined ? {} : { afterSeq }) })
        for (const each of steps) await play.take(each)
        await play.recover()

        const { server, told, feed } = play
        const first = afterSeq === undefined ? (told[0]?.seq ?? server.lastSeq + 1) : 1
        const all = Array.from({ length: server.lastSeq + 1 - first }, (_, i) => first + i)
        expect(told.map(({ seq }) => seq)).toEqual(all)
        expect([feed.seq, play.isIdle, play.errors]).toEqual([server.lastSeq, true, []])
        const lost = told.filter(({ message }) => message === undefined)
        expect(lost.filter(({ seq }) => seq >= server.oldest)).toEqual([])
        const shown = told.filter(({ message }) => message !== undefined)
        const texts = shown.map(({ message }) => message?.text)
        expect(texts).toEqual(shown.map(({ seq, message }) => (message?.deleted === true ? '' : `${seq}`)))
        const heard = shown.filter(({ seq }) => !play.unheard.has(seq))
        const toldDeleted = heard.filter(
          ({ seq, message }) => message?.deleted === true || play.deleted.has(seq),
        )
        expect(toldDeleted).toEqual(heard.filter(({ seq }) => server.messages[seq - 1]?.deleted === true))
      },
    ),
    { numRuns: 500 },
  )
})
