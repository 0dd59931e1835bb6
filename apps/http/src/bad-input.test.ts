import { connect } from 'node:net'
import { limits } from '@hydra/protocol'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createTestApp, openTestStorage } from './app.fixture.ts'

let storage: Awaited<ReturnType<typeof openTestStorage>>
let service: ReturnType<typeof createTestApp>
beforeAll(async () => {
  storage = await openTestStorage()
  service = createTestApp({ storage })
  await service.start()
})
afterAll(async () => {
  await service.app.stop()
  await storage.close()
})

const good = { username: 'ann', password: 'correct horse' }

describe.each(['/account/register', '/account/login'])('POST %s', (path) => {
  test.each([
    ['malformed JSON', '{"username":', '(body)', 'valid JSON'],
    ['an empty body', '', '(body)', 'valid JSON'],
    ['no object', [], '(body)', 'expected object'],
    ['no user name', { password: good.password }, 'username', 'expected string'],
    ['no password', { username: 'ann' }, 'password', 'expected string'],
    ['a number as password', { ...good, password: 12_345_678 }, 'password', 'expected string'],
    ['a short password', { ...good, password: 'short' }, 'password', `>=${limits.passwordMinChars}`],
    [
      'a long password',
      { ...good, password: 'x'.repeat(limits.passwordMaxChars + 1) },
      'password',
      'to have <=',
    ],
    ['a short name', { ...good, username: 'a' }, 'username', `>=${limits.usernameMinChars}`],
    ['a long name', { ...good, username: 'x'.repeat(limits.usernameMaxChars + 1) }, 'username', 'to have <='],
    ['a name with blanks', { ...good, username: 'a b c' }, 'username', 'letters, digits'],
    ['a name of other letters', { ...good, username: 'ännchen' }, 'username', 'letters, digits'],
  ])('refuses %s with path and expectation, logs it once, does no work', async (_, body, at, expectation) => {
    service.lines.length = 0
    service.work.length = 0
    const response = await service.post(path, body)
    expect(response.status).toBe(400)
    expect(await response.json()).toEqual({
      code: 'BAD_REQUEST',
      msg: expect.stringContaining(`POST ${path}: "${at}" is wrong: `),
      metadata: { path: at, expectation: expect.stringContaining(expectation) },
    })
    expect(service.lines.map(({ code }) => code)).toEqual(['BAD_REQUEST'])
    expect(service.work).toEqual([])
  })

  test.each([undefined, 'text/plain', 'application/x-www-form-urlencoded'])('takes no %s', async (type) => {
    const init = { method: 'POST', body: Buffer.from(JSON.stringify(good)) }
    const response = await service.call(
      path,
      type === undefined ? init : { ...init, headers: { 'content-type': type } },
    )
    expect([response.status, await response.json()]).toMatchObject([
      400,
      { code: 'BAD_REQUEST', metadata: { path: 'content-type', expectation: 'expected application/json' } },
    ])
  })

  test('takes JSON with a charset', async () => {
    const headers = { 'content-type': 'Application/JSON; charset=utf-8' }
    const response = await service.call(path, { method: 'POST', headers, body: '{}' })
    expect(await response.json()).toMatchObject({ metadata: { path: 'username' } })
  })

  test('refuses a body over the limit, announced or not, and closes the connection', async () => {
    const long = JSON.stringify({ ...good, padding: 'x'.repeat(4_096) })
    const chunked = new ReadableStream({
      start(controller) {
        controller.enqueue(new TextEncoder().encode(long))
        controller.close()
      },
    })
    const headers = { 'content-type': 'application/json' }
    const inits = [
      { method: 'POST', headers, body: long },
      { method: 'POST', headers, body: chunked, duplex: 'half' as const },
    ]
    for (const init of inits) {
      const response = await service.call(path, init)
      expect([response.status, await response.json()]).toMatchObject([
        413,
        { code: 'PAYLOAD_TOO_LARGE', metadata: { maxBytes: 4_096 } },
      ])
    }
  })

  test('takes other methods for what they are', async () => {
    service.lines.length = 0
    const response = await service.call(path)
    expect([response.status, response.headers.get('allow'), await response.json()]).toMatchObject([
      405,
      'POST',
      { code: 'ROUTE_UNKNOWN', msg: `There is no GET ${path}; it takes POST.`, metadata: { allow: 'POST' } },
    ])
    expect(service.lines.map(({ code }) => code)).toEqual(['ROUTE_UNKNOWN'])
  })
})

describe('GET /serverList', () => {
  test.each([
    ['?serverType=game', 'serverType'],
    ['?serverType=', 'serverType'],
    ['', 'serverType'],
  ])('refuses %j', async (query, path) => {
    const response = await service.call(`/serverList${query}`)
    expect([response.status, await response.json()]).toMatchObject([
      400,
      { code: 'BAD_REQUEST', metadata: { path } },
    ])
  })
})

describe('anything else', () => {
  test('is unknown, and logged once', async () => {
    service.lines.length = 0
    const response = await service.call('/account/delete', { method: 'POST' })
    expect([response.status, await response.json()]).toEqual([
      404,
      { code: 'ROUTE_UNKNOWN', msg: 'There is no POST /account/delete.' },
    ])
    expect(service.lines).toMatchObject([{ code: 'ROUTE_UNKNOWN', path: '/account/delete' }])
  })

  test('is counted under one label', async () => {
    await service.call('/made/up')
    const text = await service.metrics.expose()
    expect(text).toContain('hydra_http_requests_total{path="other",status="404"')
    expect(text).not.toContain('made')
  })

  test.each(['/metrics', '/metrics/', '//metrics', '/METRICS'])(
    '%s is one: metrics are not for players',
    async (path) => {
      expect((await service.call(path)).status).toBe(404)
    },
  )

  test('that is no HTTP harms nobody', async () => {
    const { port } = new URL((await service.call('/healthz')).url)
    const answer = await new Promise<string>((resolve, reject) => {
      const socket = connect(Number(port), '127.0.0.1', () => socket.write('\u0000\u0001garbage\r\n\r\n'))
      let text = ''
      socket.on('data', (chunk) => (text += chunk.toString()))
      socket.on('close', () => resolve(text))
      socket.on('error', reject)
    })
    expect(answer).toContain('400 Bad Request')
    expect((await service.call('/healthz')).status).toBe(200)
  })
})
