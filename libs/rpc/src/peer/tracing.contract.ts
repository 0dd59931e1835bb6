import { setImmediate as turn } from 'node:timers/promises'
import { HydraError } from '@hydra/protocol'
import { activeSpan, MemoryTracer, withSpan } from '@hydra/runtime'
import { uniqueName } from '@hydra/testing'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { forwarded, kick, kickBody, sendRequest } from './samples.fixture.ts'
import { TestCluster, type TestBuses } from './test-cluster.fixture.ts'

/** Traces go with calls, as sampled as where they began. */
export function tracingContract(openBuses: () => TestBuses): void {
  let cluster: TestCluster
  let tracer: MemoryTracer
  beforeEach(() => {
    cluster = new TestCluster(openBuses(), uniqueName('rpc'))
    tracer = new MemoryTracer()
  })
  afterEach(() => cluster.close())

  const kicked = 'gate.session.kick'
  const sent = 'chat.channel.send'

  test('a call of a handler is below the handler, whose span is below the call that it answers', async () => {
    const gate = await cluster.start('gate', { 'gate.session.kick': () => ({ found: true }) }, { tracer })
    const chat = await cluster.start(
      'chat',
      {
        async 'chat.channel.send'() {
          await turn()
          await chat.peer.call(kick, kickBody, { to: { server: gate.id } })
          return { seq: 1, sentAtMs: 1 }
        },
      },
      { tracer },
    )
    const span = tracer.begin('request')
    const request = sendRequest({ channel: 'world', text: 'hi' })
    await forwarded(gate.peer, request, { to: { server: chat.id }, span })
    const lines = ['request', sent, sent, kicked, kicked]
    expect(tracer.lines()).toEqual(lines.map((_, index) => lines.slice(0, index + 1).join(' > ')))
    const [, call, handler] = tracer.spans
    expect(call).toMatchObject({ kind: 'client', code: 'OK', attributes: { 'hydra.to': chat.id } })
    expect(handler).toMatchObject({
      kind: 'server',
      code: 'OK',
      attributes: { 'hydra.from': gate.id, 'session.id': request.session.sessionId },
    })
    expect(new Set(tracer.spans.map(({ traceId }) => traceId)).size).toBe(1)
  })

  test('a refused call ends both spans with its code, one that finds no server that of the caller', async () => {
    const gate = await cluster.start(
      'gate',
      {
        'gate.session.kick': () => {
          throw new HydraError('NOT_LOGGED_IN', 'No.')
        },
      },
      { tracer },
    )
    const chat = await cluster.start('chat', {}, { tracer })
    const call = (server: string) =>
      withSpan(tracer.begin('request'), () => chat.peer.call(kick, kickBody, { to: { server } }))
    await expect(call(gate.id)).rejects.toMatchObject({ code: 'NOT_LOGGED_IN' })
    await expect(call('nobody')).rejects.toMatchObject({ code: 'SERVER_GONE' })
    const ends = tracer.spans.filter(({ name }) => name === kicked).map(({ kind, code }) => [kind, code])
    expect(ends).toEqual([
      ['client', 'NOT_LOGGED_IN'],
      ['server', 'NOT_LOGGED_IN'],
      ['client', 'SERVER_GONE'],
    ])
  })

  test('a notify ends its span when it is sent, and with the code when it cannot be', async () => {
    const chat = await cluster.start('chat', {}, { tracer })
    const gate = await cluster.start('gate', {}, { tracer })
    const notify = (text: string) =>
      gate.peer.notify(sendRequest({ channel: 'world', text }), {
        to: { server: chat.id },
        span: tracer.begin('message'),
      })
    notify('hi')
    expect(() => notify('x'.repeat(gate.bus.maxPayloadBytes))).toThrow(
      expect.objectContaining({ code: 'PAYLOAD_TOO_LARGE' }),
    )
    const ends = tracer.spans.filter(({ kind }) => kind === 'client').map(({ name, code }) => [name, code])
    expect(ends).toEqual([
      [sent, 'OK'],
      [sent, 'PAYLOAD_TOO_LARGE'],
    ])
  })

  test('calls in one batch do not mix, and what nobody samples goes on unsampled', async () => {
    const traces: (string | undefined)[] = []
    const gate = await cluster.start(
      'gate',
      {
        async 'gate.session.kick'(_context, { sessionId }) {
          await turn()
          traces.push(`${sessionId} ${activeSpan()?.recording} ${activeSpan()?.traceId}`)
          return { found: true }
        },
      },
      { tracer },
    )
    const chat = await cluster.start('chat', {}, { tracer })
    const call = (sessionId: string) =>
      chat.peer.call(kick, { ...kickBody, sessionId }, { to: { server: gate.id } })
    const span = tracer.begin('request')
    const traceId = '0af7651916cd43dd8448eb211c80319c'
    const unsampled = tracer.follow(`00-${traceId}-b7ad6b7169203331-00`, 'other')
    await Promise.all([
      withSpan(span, () => call('a')),
      call('b'),
      withSpan(unsampled, () => call('c')),
      withSpan(span, () => call('d')),
    ])
    const [a, b, c, d] = traces
    expect([a, c, d]).toEqual([`a true ${span.traceId}`, `c false ${traceId}`, `d true ${span.traceId}`])
    expect(b).toMatch(/^b false /)
    expect(tracer.spans).toHaveLength(5)
  })
}
