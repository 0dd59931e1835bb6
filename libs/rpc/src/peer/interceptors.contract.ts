import { HydraError } from '@hydra/protocol'
import { uniqueName } from '@hydra/testing'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { forwarded, kick, kickBody, sendRequest } from './samples.fixture.ts'
import { TestCluster, type TestBuses } from './test-cluster.fixture.ts'

/** What stands around calls and handlers. */
export function interceptorsContract(openBuses: () => TestBuses): void {
  let cluster: TestCluster
  beforeEach(() => {
    cluster = new TestCluster(openBuses(), uniqueName('rpc'))
  })
  afterEach(() => cluster.close())

  const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01'

  test('see each call and its end, the first outermost, and may change what is sent', async () => {
    const log: string[] = []
    const noting = (name: string) => ({
      before(call: { readonly route: string }) {
        log.push(`${name} before ${call.route}`)
        return { ...call, traceparent } as never
      },
      after: (_call: unknown, { code }: { readonly code: string }) => void log.push(`${name} after ${code}`),
    })
    const traces: string[] = []
    const gate = await cluster.start('gate', {
      'gate.session.kick': (context) => {
        traces.push(context.traceparent)
        return { found: true }
      },
    })
    const chat = await cluster.start('chat', {}, { interceptors: { calls: [noting('a'), noting('b')] } })
    await chat.peer.call(kick, kickBody, { to: { server: gate.id } })
    await expect(chat.peer.call(kick, kickBody, { to: { server: 'nobody' } })).rejects.toMatchObject({
      code: 'SERVER_GONE',
    })
    const route = 'gate.session.kick'
    const around = (code: string) => [
      `a before ${route}`,
      `b before ${route}`,
      `b after ${code}`,
      `a after ${code}`,
    ]
    expect(log).toEqual([...around('OK'), ...around('SERVER_GONE')])
    expect(traces).toEqual([traceparent])
  })

  test('may refuse a call before it is sent, and a handler before it runs', async () => {
    let handled = 0
    const refuse = () => {
      throw new HydraError('RATE_LIMITED', 'Not now.')
    }
    const chat = await cluster.start(
      'chat',
      { 'chat.channel.send': () => ({ seq: ++handled, sentAtMs: 1 }) },
      { interceptors: { handlers: [refuse] } },
    )
    const gate = await cluster.start('gate')
    const request = sendRequest({ channel: 'world', text: 'hi' })
    expect(await forwarded(gate.peer, request, { to: { server: chat.id } })).toMatchObject({ error: true })
    const strict = await cluster.start('gate', {}, { interceptors: { calls: [{ before: refuse }] } })
    await expect(forwarded(strict.peer, request, { to: { server: chat.id } })).rejects.toMatchObject({
      code: 'RATE_LIMITED',
    })
    expect(() => strict.peer.notify(request, { to: { server: chat.id } })).toThrow(
      expect.objectContaining({ code: 'RATE_LIMITED' }),
    )
    expect(handled).toBe(0)
  })

  test('stand around a handler with what it was given and what it answers', async () => {
    const log: unknown[] = []
    const chat = await cluster.start(
      'chat',
      { 'chat.channel.send': () => ({ seq: 1, sentAtMs: 1 }) },
      {
        interceptors: {
          handlers: [
            ({ route, body, context }, next) => {
              log.push([route, body, context.session?.rid])
              return next()
            },
            async (_call, next) => {
              const answer = (await next()) as { seq: number }
              return { ...answer, seq: answer.seq + 1 }
            },
          ],
        },
      },
    )
    const gate = await cluster.start('gate')
    const reply = await forwarded(gate.peer, sendRequest({ channel: 'world', text: ' hi ' }), {
      to: { server: chat.id },
    })
    expect(log).toEqual([['chat.channel.send', { channel: 'world', text: 'hi' }, 'r1']])
    expect(Buffer.from(reply.body).includes(Buffer.of(2))).toBe(true)
  })

  test('that fail after a call harm nobody', async () => {
    const gate = await cluster.start('gate', { 'gate.session.kick': () => ({ found: true }) })
    const after = () => {
      throw new Error('broken')
    }
    const chat = await cluster.start('chat', {}, { interceptors: { calls: [{ after }] } })
    expect(await chat.peer.call(kick, kickBody, { to: { server: gate.id } })).toEqual({ found: true })
    expect(chat.lines.some(({ msg }) => msg === 'an interceptor threw after a call')).toBe(true)
  })
}
