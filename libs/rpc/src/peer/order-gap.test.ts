import { bodyCodec, type ResponseOf, type routes } from '@hydra/protocol'
import { eventually, testBackends, uniqueName } from '@hydra/testing'
import * as fc from 'fast-check'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { describe, expect, test } from 'vitest'
import type { Bus } from '../bus/bus.ts'
import { CutProxy } from '../cut-proxy.fixture.ts'
import { forwarded, sendRequest } from './samples.fixture.ts'
import { natsBuses, TestCluster, type TestProcess } from './test-cluster.fixture.ts'

const { natsUrl } = testBackends()
const timeoutMs = 500
const to = { type: 'chat' } as const
const { decode } = bodyCodec('msgpack')

type Side = 'sender' | 'target'
type Step =
  | { readonly do: 'send'; readonly handlerTurns: number; readonly waits: boolean }
  | { readonly do: 'turns'; readonly count: number }
  | { readonly do: 'cut' | 'mend'; readonly side: Side }

const side = fc.constantFrom<Side>('sender', 'target')
const steps: fc.Arbitrary<Step[]> = fc.array(
  fc.oneof(
    {
      weight: 6,
      arbitrary: fc.record({
        do: fc.constant('send' as const),
        handlerTurns: fc.nat(4),
        waits: fc.boolean(),
      }),
    },
    { weight: 3, arbitrary: fc.record({ do: fc.constant('turns' as const), count: fc.nat(30) }) },
    { weight: 1, arbitrary: fc.record({ do: fc.constant('cut' as const), side }) },
    { weight: 1, arbitrary: fc.record({ do: fc.constant('mend' as const), side }) },
  ),
  { minLength: 10, maxLength: 60 },
)

/** What became of the requests: their numbers in the order in which something happened to them. */
class Story {
  readonly handled: number[] = []
  /** The place of each reply among those that the service made, in the order of their arrival. */
  readonly replies: number[] = []
  readonly failures: { code: string; afterMs: number }[] = []
  readonly #settling: Promise<void>[] = []
  #sent = 0
  #made = 0

  /** What the service does with a request. */
  async handle(text: string): Promise<number> {
    const [number, handlerTurns] = text.split(' ').map(Number)
    this.handled.push(number ?? -1)
    await turns(handlerTurns ?? 0)
    return ++this.#made
  }

  send({ peer }: TestProcess, { handlerTurns, waits }: { handlerTurns: number; waits: boolean }): void {
    const request = sendRequest({ channel: 'world', text: `${this.#sent++} ${handlerTurns}` })
    const sentAtMs = performance.now()
    const settling = forwarded(peer, request, {
      to,
      timeoutMs,
      whenDisconnected: waits ? 'wait' : 'fail',
      onReply: ({ body }) =>
        this.replies.push((decode(body) as ResponseOf<typeof routes.chat.channel.send>).seq),
    }).then(
      () => undefined,
      ({ code }: { code: string }) =>
        void this.failures.push({ code, afterMs: performance.now() - sentAtMs }),
    )
    this.#settling.push(settling)
  }

  /** Every request has its answer or its failure. */
  async settled(): Promise<void> {
    await Promise.all(this.#settling)
    expect(this.replies.length + this.failures.length).toBe(this.#sent)
  }
}

async function turns(count: number): Promise<void> {
  for (let turn = 0; turn < count; turn++) await nextTurn()
}

const increasing = (numbers: readonly number[]) =>
  numbers.every((number, index) => index === 0 || number > (numbers[index - 1] ?? 0))

describe.each(natsUrl === undefined ? [] : [natsUrl])('over connections that break', (url) => {
  test('requests are handled and replies arrive in the order sent, once at most, none after its deadline', async () => {
    const port = Number(new URL(url).port)
    await fc.assert(
      fc.asyncProperty(steps, async (script) => {
        const proxies = { sender: await CutProxy.to(port), target: await CutProxy.to(port) }
        const buses = { sender: natsOver(proxies.sender), target: natsOver(proxies.target) }
        const opened: Record<Side, Bus> = {
          sender: await buses.sender.open(),
          target: await buses.target.open(),
        }
        const cluster = new TestCluster(buses.sender, uniqueName('rpc'))
        const story = new Story()
        await cluster.start(
          'chat',
          {
            'chat.channel.send': async (_context, { text }) => ({
              seq: await story.handle(text),
              sentAtMs: 1,
            }),
          },
          { wrapBus: () => opened.target },
        )
        const gate = await cluster.start('gate', {}, { wrapBus: () => opened.sender })

        for (const step of script) {
          if (step.do === 'send') story.send(gate, step)
          else if (step.do === 'turns') await turns(step.count)
          else proxies[step.side][step.do]()
        }
        for (const proxy of Object.values(proxies)) proxy.mend()
        const patience = { timeoutMs: 20_000 }
        await eventually(() => opened.sender.connected && opened.target.connected, patience)
        await story.settled()
        const { failures } = story
        // All is well again, without a new peer; a cut just before may only be noticed now.
        await eventually(async () => {
          const before = failures.length
          story.send(gate, { handlerTurns: 0, waits: true })
          await story.settled()
          return failures.length === before
        }, patience)

        expect(story.handled).toSatisfy(increasing)
        expect(story.replies).toSatisfy(increasing)
        for (const { code, afterMs } of failures) {
          expect(['SERVER_GONE', 'TIMEOUT']).toContain(code)
          expect(afterMs).toBeLessThan(timeoutMs + 1_000)
        }
        await cluster.close()
        await buses.target.close()
        for (const proxy of Object.values(proxies)) await proxy.close()
      }),
      { numRuns: 25, endOnFailure: true },
    )
  })
})

const natsOver = (proxy: CutProxy) => natsBuses(`127.0.0.1:${proxy.port}`)
