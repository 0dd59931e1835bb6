import { MemoryTracer } from '@hydra/runtime'
import { Hono } from 'hono'
import { beforeEach, expect, test } from 'vitest'
import { createProxyTrust } from './client-address.ts'
import { traceRequests } from './trace-requests.ts'

let tracer: MemoryTracer
beforeEach(() => {
  tracer = new MemoryTracer()
})

const traceId = '0af7651916cd43dd8448eb211c80319c'
const ask = (remoteAddress: string | undefined, path: string, flags: string) =>
  new Hono()
    .use(
      traceRequests({
        tracer,
        paths: new Set(['/known', '/broken']),
        isTrusted: createProxyTrust(['127.0.0.1', '10.0.0.0/8']),
      }),
    )
    .get('/known', (context) => context.text('here'))
    .get('/broken', (context) => context.text('oh', 503))
    .request(
      path,
      { headers: { traceparent: `00-${traceId}-b7ad6b7169203331-${flags}` } },
      { incoming: { socket: { remoteAddress } } },
    )

test.each(['127.0.0.1', '::ffff:10.1.2.3'])(
  'the trace of the proxy %s goes on, as it samples',
  async (peer) => {
    await ask(peer, '/known', '01')
    await ask(peer, '/known', '00')
    expect(tracer.spans).toMatchObject([
      { name: 'GET /known', traceId, parentId: 'b7ad6b7169203331', code: 'OK' },
    ])
  },
)

test.each(['203.0.113.9', '::1', undefined])('%s decides nothing: a trace begins here', async (peer) => {
  await ask(peer, '/known', '01')
  await ask(peer, '/known', '00')
  expect(tracer.spans.map(({ name, parentId }) => [name, parentId])).toEqual([
    ['GET /known', undefined],
    ['GET /known', undefined],
  ])
  expect(tracer.spans.map((span) => span.traceId)).not.toContain(traceId)
})

test('what is answered shows, of the paths that are known', async () => {
  await ask('127.0.0.1', '/broken', '01')
  await ask('127.0.0.1', '/unknown', '01')
  expect(tracer.spans).toMatchObject([
    { name: 'GET /broken', code: 'INTERNAL', attributes: { 'http.response.status_code': 503 } },
  ])
})
