import { Packr } from 'msgpackr'
import { bodyCodec } from '@hydra/protocol'
import { eventually, uniqueName } from '@hydra/testing'
import * as fc from 'fast-check'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { serverSubject } from '../subjects.ts'
import { encodeBatch, toWire } from './frame.ts'
import { deferred } from '../deferred.fixture.ts'
import { kick, kickBody, session } from './samples.fixture.ts'
import { TestCluster, type TestBuses, type TestProcess } from './test-cluster.fixture.ts'

const packr = new Packr({ useRecords: false })
const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01'
/** Nobody: replies to it must not reach the peer that the tests call with. */
const stranger = { type: 'chat', id: 'stranger' } as const
const body = bodyCodec('msgpack').encode(kickBody)

/** What is left of a peer that is sent bytes by somebody else. */
export function hostileContract(openBuses: () => TestBuses): void {
  let cluster: TestCluster
  let gate: TestProcess
  let chat: TestProcess
  let handled: number

  beforeEach(async () => {
    handled = 0
    cluster = new TestCluster(openBuses(), uniqueName('rpc'))
    gate = await cluster.start('gate', {
      'gate.session.kick': () => {
        handled++
        return { found: true }
      },
    })
    chat = await cluster.start('chat')
  })
  afterEach(() => cluster.close())

  const send = (payload: Uint8Array) => chat.bus.publish(serverSubject(cluster.env, 'gate', gate.id), payload)
  const works = async () =>
    expect(await chat.peer.call(kick, kickBody, { to: { server: gate.id } })).toEqual({ found: true })
  const request = (change: Partial<Parameters<typeof toWire>[0]> = {}) =>
    toWire({
      kind: 'request',
      id: 1,
      route: 'gate.session.kick',
      remainingMs: 1_000,
      traceparent,
      session: null,
      serializer: 'msgpack',
      body,
      ...change,
    } as Parameters<typeof toWire>[0]).fields

  test('bytes of any kind are dropped, counted and logged sparingly', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.uint8Array({ maxLength: 200 }), { maxLength: 20 }), async (payloads) => {
        for (const payload of payloads) send(payload)
        await works()
      }),
      { numRuns: 30 },
    )
    send(Uint8Array.of(0xc1))
    await works()
    expect(await gate.metric('hydra_rpc_dropped_total', 'reason="batch"')).toBeGreaterThan(0)
    const lines = gate.lines.filter(({ msg }) => msg === 'a bus message was dropped')
    expect(lines.length).toBeGreaterThan(0)
    expect(lines.length).toBeLessThan(20)
  })

  test('a valid batch with any byte changed or cut off does no harm', async () => {
    const valid = encodeBatch(stranger, [request(), request({ session: session() })])
    await fc.assert(
      fc.asyncProperty(
        fc.nat(valid.length - 1),
        fc.integer({ min: 0, max: 255 }),
        fc.boolean(),
        async (position, value, cut) => {
          const changed = new Uint8Array(valid)
          changed[position] = value
          send(cut ? changed.subarray(0, position) : changed)
          await works()
        },
      ),
      { numRuns: 150 },
    )
  })

  test('deep nesting and huge announced lengths do no harm', async () => {
    send(new Uint8Array(200_000).fill(0x91))
    send(Uint8Array.of(0xdd, 0xff, 0xff, 0xff, 0xff))
    send(Uint8Array.of(0xdf, 0xff, 0xff, 0xff, 0xff))
    send(Uint8Array.of(0xc6, 0xff, 0xff, 0xff, 0xff))
    await works()
    expect(await gate.metric('hydra_rpc_dropped_total', 'reason="batch"')).toBe(4)
  })

  const good = (): unknown[] => [1, 9, 'gate.session.kick', 1_000, traceparent, null, 1, body]
  const withField = (index: number, value: unknown) => good().with(index, value)
  test.each<[string, unknown]>([
    ['no array', 'frame'],
    ['an unknown kind', withField(0, 9)],
    ['a negative id', withField(1, -1)],
    ['an id that is no number', withField(1, '1')],
    ['an id that is too large', withField(1, 2 ** 40)],
    ['a route that is no text', withField(2, 7)],
    ['a deadline that is no number', withField(3, Number.NaN)],
    ['an endless deadline', withField(3, Number.POSITIVE_INFINITY)],
    ['a trace that is none', withField(4, 'x'.repeat(55))],
    ['a session that is none', withField(5, ['s1'])],
    ['a session with an epoch that is no integer', withField(5, ['s1', 'g1', 'u1', 1.5, null])],
    ['an unknown serializer', withField(6, 2)],
    ['a body that is no bytes', withField(7, 'body')],
    ['a reply without outcome', [2, 1, 'ok', 1, body, null]],
    ['a reply with another update', [2, 1, true, 1, body, { rid: 7 }]],
    ['a notify without session', [3, 'chat.channel.send', traceparent, null, 1, body]],
  ])('a frame with %s is left out; its neighbours are handled', async (_, frame) => {
    send(packr.pack(['chat', 'stranger', [good(), frame, good()]]))
    await works()
    expect(handled).toBe(3)
    expect(await gate.metric('hydra_rpc_dropped_total', 'reason="frame"')).toBe(1)
  })

  test.each<[string, unknown]>([
    ['an unknown service', ['mail', 'm1', [good()]]],
    ['an id that is no subject', ['chat', 'a.*.>', [good()]]],
    ['no id', ['chat', null, [good()]]],
    ['no frames', ['chat', 'c1', 'none']],
    ['another form', { type: 'chat' }],
  ])('a batch from %s is dropped', async (_, batch) => {
    send(packr.pack(batch))
    await works()
    expect(handled).toBe(1)
    expect(await gate.metric('hydra_rpc_dropped_total', 'reason="batch"')).toBe(1)
  })

  test('a request without time left is refused before its handler', async () => {
    send(encodeBatch(stranger, [request({ remainingMs: 0 }), request({ remainingMs: -7 })]))
    await works()
    expect(handled).toBe(1)
    expect(await gate.metric('hydra_rpc_handled_total', 'code="TIMEOUT"')).toBe(2)
  })

  test('a reply from another server than the one asked ends no call', async () => {
    const started = deferred()
    const end = deferred()
    const slow = await cluster.start('gate', {
      'gate.session.kick': async () => {
        started.resolve()
        await end.promise
        return { found: true }
      },
    })
    const call = chat.peer.call(kick, kickBody, { to: { server: slow.id } })
    await started.promise
    const forged = bodyCodec('msgpack').encode({ found: false })
    for (let id = 0; id < 10; id++) {
      const reply = {
        kind: 'reply',
        id,
        ok: true,
        serializer: 'msgpack',
        body: forged,
        update: undefined,
      } as const
      gate.bus.publish(
        serverSubject(cluster.env, 'chat', chat.id),
        encodeBatch({ type: 'gate', id: gate.id }, [toWire(reply).fields]),
      )
    }
    await eventually(async () => (await chat.metric('hydra_rpc_late_replies_total')) === 10)
    end.resolve()
    expect(await call).toEqual({ found: true })
  })

  test('calls of servers that nobody knows are answered without being remembered', async () => {
    for (let sender = 0; sender < 50; sender++) {
      send(encodeBatch({ type: 'chat', id: `stranger-${sender}` }, [request()]))
    }
    await works()
    expect(handled).toBe(51)
  })
}
