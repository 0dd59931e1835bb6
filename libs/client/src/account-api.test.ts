import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { createAccountApi, type AccountApi } from './account-api.ts'
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
    const servers = [{ id: 'gate-1', type: 'gate', zone: 'eu', host: '10.0.0.1', port: 3250 }]
    const requests = answering(200, { servers })
    const accounts = createAccountApi(baseUrl)
    expect(await accounts.serverList()).toEqual({ servers })
    expect(await accounts.serverList('ga te&x=1')).toEqual({ servers })
    expect(requests.map(({ line }) => line)).toEqual([
      'GET /serverList?serverType=gate',
      'GET /serverList?serverType=ga+te%26x%3D1',
    ])
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
