import { pushes } from '@hydra/protocol'
import { createMetrics, silentLogger, systemClock } from '@hydra/runtime'
import { uniqueName } from '@hydra/testing'
import * as fc from 'fast-check'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { createTopicMembers } from '../topics/create-topic-members.ts'
import { forwarded, sendRequest, session } from './samples.fixture.ts'
import { TestCluster, type TestBuses } from './test-cluster.fixture.ts'

const to = { type: 'chat' } as const

/** A pause of some turns of the event loop: what a handler does while it waits for something. */
async function turns(count: number): Promise<void> {
  for (let turn = 0; turn < count; turn++) await nextTurn()
}

/** In which order things happen that several servers do at the same time. */
export function orderContract(openBuses: () => TestBuses): void {
  test('handlers of one sender start in the order sent, however long each takes and whatever they are', async () => {
    const message = fc.record({
      notify: fc.boolean(),
      handlerTurns: fc.nat(3),
      pauseTurns: fc.nat(2),
      bytes: fc.constantFrom(1, 400),
    })
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.array(message, { minLength: 1, maxLength: 12 }), { minLength: 1, maxLength: 3 }),
        async (senders) => {
          const cluster = new TestCluster(openBuses(), uniqueName('rpc'))
          const started: { from: string; text: string }[] = []
          await cluster.start('chat', {
            'chat.channel.send': async ({ from }, { text }) => {
              const [index = '', handlerTurns = '0'] = text.split(' ')
              started.push({ from, text: index })
              await turns(Number(handlerTurns))
              return { seq: 1, sentAtMs: 1 }
            },
          })
          const gates = await Promise.all(
            senders.map((_, index) =>
              cluster.start('gate', {}, { id: `gate-${index}`, limits: { maxBatchBytes: 2_000 } }),
            ),
          )
          await Promise.all(
            senders.map(async (messages, sender) => {
              const gate = gates[sender]
              const replies: Promise<unknown>[] = []
              for (const [index, { notify, handlerTurns, pauseTurns, bytes }] of messages.entries()) {
                const text = `${index} ${handlerTurns} ${'x'.repeat(bytes)}`
                const request = sendRequest({ channel: 'world', text })
                if (notify) gate?.peer.notify(request, { to })
                else
                  replies.push(gate === undefined ? Promise.resolve() : forwarded(gate.peer, request, { to }))
                await turns(pauseTurns)
              }
              // Its reply comes after every notify before it has been started.
              replies.push(
                gate === undefined
                  ? Promise.resolve()
                  : forwarded(gate.peer, sendRequest({ channel: 'world', text: `${messages.length} 0` }), {
                      to,
                    }),
              )
              await Promise.all(replies)
            }),
          )
          await cluster.close()
          for (const [sender, messages] of senders.entries()) {
            const own = started
              .filter(({ from }) => from === `gate-${sender}`)
              .map(({ text }) => Number(text))
            expect(own).toEqual(Array.from({ length: messages.length + 1 }, (_, index) => index))
          }
        },
      ),
      { numRuns: 25 },
    )
  })

  test('pushes and replies reach a gate in the order in which the service made them', async () => {
    const cluster = new TestCluster(openBuses(), uniqueName('rpc'))
    const push = (seq: number) => ({
      channel: 'world',
      seq,
      from: { rid: 'r1', name: 'Ada' },
      text: 'hi',
      sentAtMs: 1,
    })
    let seq = 0
    const chat = await cluster.start('chat', {
      'chat.channel.send': () => {
        chat.peer.publish('world', pushes.chat.channel.message, push(++seq))
        return { seq: ++seq, sentAtMs: 1 }
      },
    })
    const gate = await cluster.start('gate')
    const order: string[] = []
    const members = createTopicMembers({
      bus: gate.bus,
      env: cluster.env,
      clock: systemClock,
      log: silentLogger,
      metrics: createMetrics({ service: 'gate' }),
      deliver: () => void order.push('push'),
    })
    await members.join('world', 's1')
    const of = session()
    await Promise.all(
      Array.from({ length: 20 }, async () => {
        await forwarded(gate.peer, sendRequest({ channel: 'world', text: 'hi' }, of), { to })
        order.push('reply')
      }),
    )
    members.close()
    await cluster.close()
    expect(order).toEqual(Array.from({ length: 20 }, () => ['push', 'reply']).flat())
  })
}
