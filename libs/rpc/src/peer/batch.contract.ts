import { HydraError } from '@hydra/protocol'
import { uniqueName } from '@hydra/testing'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { Bus } from '../bus/bus.ts'
import { serverSubject } from '../subjects.ts'
import { deferred } from '../deferred.fixture.ts'
import { forwarded, kick, kickBody, sendRequest } from './samples.fixture.ts'
import { TestCluster, type TestBuses } from './test-cluster.fixture.ts'

interface Sent {
  readonly subject: string
  readonly bytes: number
}

/** A bus that notes what is published on it. */
function noting(sent: Sent[]): (bus: Bus) => Bus {
  return (bus) =>
    Object.create(bus, {
      maxPayloadBytes: { get: () => bus.maxPayloadBytes },
      connected: { get: () => bus.connected },
      flush: { value: () => bus.flush() },
      subscribe: { value: bus.subscribe.bind(bus) },
      onConnectedChange: { value: bus.onConnectedChange.bind(bus) },
      publish: {
        value: (...[subject, payload, options]: Parameters<Bus['publish']>) => {
          sent.push({ subject, bytes: payload.length })
          bus.publish(subject, payload, options)
        },
      },
    }) as Bus
}

/** How frames share bus messages. */
export function batchContract(openBuses: () => TestBuses): void {
  let cluster: TestCluster

  beforeEach(() => {
    cluster = new TestCluster(openBuses(), uniqueName('rpc'))
  })
  afterEach(() => cluster.close())

  test('all calls to one server in one turn are one bus message, and so are their replies', async () => {
    const asked: Sent[] = []
    const answered: Sent[] = []
    const gate = await cluster.start(
      'gate',
      { 'gate.session.kick': () => ({ found: true }) },
      { wrapBus: noting(answered) },
    )
    const other = await cluster.start('gate', { 'gate.session.kick': () => ({ found: false }) })
    const chat = await cluster.start('chat', {}, { wrapBus: noting(asked) })
    const call = (server: string) => chat.peer.call(kick, kickBody, { to: { server } })
    await Promise.all(Array.from({ length: 100 }, (_, index) => call(index % 4 === 0 ? other.id : gate.id)))
    expect(asked.map(({ subject }) => subject).sort()).toEqual(
      [gate.id, other.id].map((id) => serverSubject(cluster.env, 'gate', id)).sort(),
    )
    expect(answered.map(({ subject }) => subject)).toEqual([serverSubject(cluster.env, 'chat', chat.id)])
    expect(await chat.metric('hydra_rpc_batch_frames_sum')).toBe(100)
    await call(gate.id)
    expect(asked).toHaveLength(3)
  })

  test('a batch stays below its bound, and nothing is lost between batches', async () => {
    const asked: Sent[] = []
    const texts: string[] = []
    await cluster.start('chat', {
      'chat.channel.send': (_, { text }) => {
        texts.push(text.slice(0, 3))
        return { seq: 1, sentAtMs: 1 }
      },
    })
    const gate = await cluster.start('gate', {}, { limits: { maxBatchBytes: 4_000 }, wrapBus: noting(asked) })
    const numbers = Array.from({ length: 60 }, (_, index) => String(100 + index))
    await Promise.all(
      numbers.map((number) =>
        forwarded(gate.peer, sendRequest({ channel: 'world', text: `${number}${'x'.repeat(400)}` }), {
          to: { type: 'chat' },
        }),
      ),
    )
    expect(texts).toEqual(numbers)
    expect(asked.length).toBeGreaterThan(6)
    for (const { bytes } of asked) expect(bytes).toBeLessThanOrEqual(4_000)
  })

  test('what no bus message can hold is refused with a clear error, both ways', async () => {
    const tooLarge = 'x'.repeat(1024 * 1024 + 1)
    const gate = await cluster.start('gate', {
      'gate.session.kick': () => {
        throw new HydraError('BANNED', tooLarge)
      },
    })
    const chat = await cluster.start('chat', {
      'chat.channel.send': () => ({ seq: 1, sentAtMs: 1, padding: tooLarge }),
    })
    const call = chat.peer.call(kick, { ...kickBody, message: tooLarge }, { to: { server: gate.id } })
    await expect(call).rejects.toMatchObject({ code: 'PAYLOAD_TOO_LARGE' })
    const reply = await forwarded(gate.peer, sendRequest({ channel: 'world', text: 'hi' }), {
      to: { server: chat.id },
    })
    expect(reply.error).toBe(true)
    expect(new TextDecoder().decode(reply.body)).toContain('PAYLOAD_TOO_LARGE')
    // An error that does not fit either cannot be told; the caller's deadline ends the call.
    await expect(
      chat.peer.call(kick, kickBody, { to: { server: gate.id }, timeoutMs: 100 }),
    ).rejects.toMatchObject({ code: 'TIMEOUT' })
    expect(chat.peer.inFlight).toBe(0)
  })

  test('a lone call is sent without waiting for others', async () => {
    const handled = deferred()
    const gate = await cluster.start('gate', {
      'gate.session.kick': () => {
        handled.resolve()
        return { found: true }
      },
    })
    const sent: Sent[] = []
    const chat = await cluster.start('chat', {}, { wrapBus: noting(sent) })
    const call = chat.peer.call(kick, kickBody, { to: { server: gate.id } })
    expect(sent).toHaveLength(0)
    await new Promise((resolve) => setImmediate(resolve))
    expect(sent).toHaveLength(1)
    await Promise.all([call, handled.promise])
  })
}
