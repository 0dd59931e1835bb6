import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { createAccountApi, type AccountApi } from './account-api.ts'
import { gateUrl } from './gate-url.ts'
import { ManualClock } from './test-support/manual-clock.ts'

const credentials = { username: 'ada', password: 'correct horse' }
const token = { uid: 'u1', token: 'abc', expiresAtMs: 1_795_374_000_123 }

let server: Server
let baseUrl: string
let handle: (request: IncomingMessage, response: ServerResponse) => void

beforeEach(async () => {
  server = createServer((request, response) => handle(request, response))
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  baseUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
})

afterEach(async () => {
  server.closeAllConnections()
  server.close()
  await once(server, 'close')
})

/** Answers the next requests, and records what they were. */
function answering(status: number, body: unknown) {
  const requests: { line: string; type: string | undefined; body: string }[] = []
  handle = (request, response) => {
    let received = ''
    request.setEncoding('utf8')
    request.on('data', (chunk: string) => (received += chunk))
    request.on('end', () => {
      requests.push({
        line: `${request.method} ${request.url}`,
        type: request.headers['content-type'],
        body: received,
      })
      response.writeHead(status).end(typeof body === 'string' ? body : JSON.stringify(body))
    })
  }
  return requests
}

describe('calls', () => {
  test.each<['register' | 'login', string]>([
    ['register', 'POST /account/register'],
    ['login', 'POST /account/login'],
  ])('%s', async (name, line) => {
    const requests = answering(200, { ...token, more: 'fields of a newer server' })
    expect(await createAccountApi(`${baseUrl}/`)[name](credentials)).toEqual(token)
    expect(requests).toEqual([{ line, type: 'application/json', body: JSON.stringify(credentials) }])
  })

  test('serverList', async () => {
    const gate = { type: 'gate', zone: 'eu', host: '10.0.0.1', port: 3250 }
    // The first is of a release from before gates said whether they speak TLS.
    const listed = {
      servers: [
        { id: 'gate-1', ...gate },
        { id: 'gate-2', ...gate, tls: true },
        { id: 'gate-3', ...gate, tls: false },
      ],
    }
    const requests = answering(200, listed)
    const accounts = createAccountApi(baseUrl)
    expect(await accounts.serverList()).toEqual(listed)
    expect(await accounts.serverList('ga te&x=1')).toEqual(listed)
    expect(requests.map(({ line }) => line)).toEqual([
      'GET /serverList?serverType=gate',
      'GET /serverList?serverType=ga+te%26x%3D1',
    ])
    const { servers } = await accounts.serverList()
    const [ws, wss] = ['ws://10.0.0.1:3250', 'wss://10.0.0.1:3250']
    expect(servers.map(gateUrl)).toEqual([ws, wss, ws])
    expect(servers.map((each) => gateUrl({ tls: true, ...each }))).toEqual([wss, wss, ws])
  })
})

describe('several addresses', () => {
  /** Another server, which the tests of one address do without. */
  let second: Server
  let urls: readonly string[]
  let handleSecond: typeof handle

  beforeEach(async () => {
    second = createServer((request, response) => handleSecond(request, response))
    second.listen(0, '127.0.0.1')
    await once(second, 'listening')
    urls = [baseUrl, `http://127.0.0.1:${(second.address() as AddressInfo).port}/`]
  })
  afterEach(async () => {
    second.closeAllConnections()
    if (!second.listening) return
    second.close()
    await once(second, 'close')
  })

  const fromFirst = () => createAccountApi(urls, { random: () => 0 })
  const answer = (status: number, body: unknown) => (_: IncomingMessage, response: ServerResponse) =>
    void response.writeHead(status).end(JSON.stringify(body))
  const cut = (request: IncomingMessage) => void request.resume().on('end', () => request.socket.destroy())
  const taken = answer(409, { code: 'USERNAME_TAKEN', msg: 'An account named "ada" exists.' })
  const isLogin = ({ url }: IncomingMessage) => url === '/account/login'

  test.each<[string, typeof handle]>([
    ['cuts the connection', cut],
    ['shuts down', answer(503, { code: 'SHUTTING_DOWN', msg: 'Going.' })],
    ['has no database yet', answer(503, { code: 'STORAGE_UNAVAILABLE', msg: 'Not yet.' })],
    ['is not reached by its proxy', (_, response) => void response.writeHead(502).end('<html>')],
  ])('the next is asked where one %s, and first from then on', async (_, failing) => {
    let asked = 0
    handle = (request, response) => {
      asked++
      failing(request, response)
    }
    handleSecond = answer(200, token)
    const accounts = fromFirst()
    expect(await accounts.login(credentials)).toEqual(token)
    expect(await accounts.login(credentials)).toEqual(token)
    expect(asked).toBe(1)
  })

  test('the next is asked where nobody listens', async () => {
    handle = answer(200, { servers: [] })
    second.close()
    await once(second, 'close')
    const accounts = createAccountApi(urls, { random: () => 0.5 })
    expect(await accounts.serverList()).toEqual({ servers: [] })
  })

  test('each is asked once, and the last failure is told', async () => {
    let asked = 0
    handle = handleSecond = (request) => {
      asked++
      cut(request)
    }
    await expect(fromFirst().register(credentials)).rejects.toMatchObject({ code: 'CONNECTION_CLOSED' })
    expect(asked).toBe(2)
  })

  test('what one refuses no other is asked', async () => {
    handle = taken
    handleSecond = answer(200, token)
    await expect(fromFirst().register(credentials)).rejects.toMatchObject({ code: 'USERNAME_TAKEN' })
  })

  test('a registration whose answer was lost is found again by its password', async () => {
    handle = cut
    handleSecond = (request, response) =>
      isLogin(request) ? answer(200, token)(request, response) : taken(request, response)
    expect(await fromFirst().register(credentials)).toEqual(token)
  })

  test('a name that is taken by somebody else stays so, also after a lost answer', async () => {
    handle = cut
    handleSecond = (request, response) =>
      isLogin(request)
        ? answer(401, { code: 'CREDENTIALS_WRONG', msg: 'Wrong.' })(request, response)
        : taken(request, response)
    await expect(fromFirst().register(credentials)).rejects.toMatchObject({ code: 'USERNAME_TAKEN' })
  })

  test('there must be one', () => {
    expect(() => createAccountApi([])).toThrow(expect.objectContaining({ code: 'BAD_REQUEST' }))
  })
})

describe('errors', () => {
  const login = () => createAccountApi(baseUrl).login(credentials)

  test('the code and message of the server', async () => {
    answering(401, {
      code: 'CREDENTIALS_WRONG',
      msg: 'User name or password is wrong.',
      metadata: { left: 2 },
    })
    await expect(login()).rejects.toMatchObject({
      code: 'CREDENTIALS_WRONG',
      message: 'User name or password is wrong.',
      metadata: { left: 2 },
    })
  })

  test.each([
    ['the error page of a proxy', 502, '<html>Bad Gateway</html>'],
    ['an error of another form', 500, { error: 'oops' }],
    ['an empty answer', 503, ''],
  ])('%s becomes INTERNAL with its status', async (_, status, body) => {
    answering(status, body)
    await expect(login()).rejects.toMatchObject({
      code: 'INTERNAL',
      message: expect.stringContaining(`/account/login answered ${status}`),
      metadata: { httpStatus: status },
    })
  })

  test.each([
    ['a success of another form', { uid: 'u1' }],
    ['a success that is no JSON', 'hello'],
  ])('%s becomes PROTOCOL_ERROR', async (_, body) => {
    answering(200, body)
    await expect(login()).rejects.toMatchObject({ code: 'PROTOCOL_ERROR' })
  })

  test('nobody listens', async () => {
    const gone = createServer().listen(0, '127.0.0.1')
    await once(gone, 'listening')
    const { port } = gone.address() as AddressInfo
    gone.close()
    await once(gone, 'close')
    const accounts = createAccountApi(`http://127.0.0.1:${port}`)
    const failure = await accounts.serverList().catch((error: unknown) => error)
    expect(failure).toMatchObject({
      code: 'CONNECTION_CLOSED',
      message: `http://127.0.0.1:${port}/serverList?serverType=gate cannot be reached.`,
      cause: expect.anything(),
    })
  })

  test.each<[string, (response: ServerResponse) => void]>([
    ['the head of an answer', () => {}],
    ['the end of an answer', (response) => response.writeHead(200).write('{"uid":')],
  ])('TIMEOUT while waiting for %s', async (_, begin) => {
    const clock = new ManualClock()
    const arrived = new Promise<void>((resolve) => {
      handle = (_request, response) => {
        begin(response)
        resolve()
      }
    })
    const accounts: AccountApi = createAccountApi(baseUrl, { timeoutMs: 700, clock })
    const failure = accounts.login(credentials).catch((error: unknown) => error)
    await arrived
    clock.advance(700)
    expect(await failure).toMatchObject({
      code: 'TIMEOUT',
      message: `${baseUrl}/account/login did not answer within 700 ms.`,
    })
    expect(clock.timers).toBe(0)
  })
})
