import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { get } from 'node:https'
import { connect } from 'node:net'
import { once } from 'node:events'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Hono } from 'hono'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { systemClock } from './clock.ts'
import { startHttpServer, type HttpServer } from './http-server.ts'
import { makeSelfSigned } from './self-signed.fixture.ts'
import { readTlsFiles } from './tls-files.ts'

let folder = ''
let own: Awaited<ReturnType<typeof makeSelfSigned>>
let other: typeof own
const open: HttpServer[] = []
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'hydra-https-'))
  own = await makeSelfSigned(folder, 'own')
  other = await makeSelfSigned(folder, 'other')
})
afterAll(() => rm(folder, { recursive: true, force: true }))
afterEach(async () => {
  for (const server of open.splice(0)) await server.close()
})

async function start(requestTimeoutMs = 15_000, closeTimeoutMs = 1_000): Promise<number> {
  const server = await startHttpServer({
    app: new Hono().get('/', (context) => context.text(context.req.url)),
    host: '127.0.0.1',
    port: 0,
    tls: readTlsFiles('a', own),
    clock: systemClock,
    requestTimeoutMs,
    closeTimeoutMs,
  })
  open.push(server)
  return server.address.port
}

const fetchWith = async (port: number, caFile: string): Promise<string> => {
  const [response] = (await once(
    get({ host: 'localhost', port, ca: await readFile(caFile), agent: false }),
    'response',
  )) as [AsyncIterable<Buffer>]
  let text = ''
  for await (const chunk of response) text += chunk.toString()
  return text
}

test('clients that trust the authority are answered', async () => {
  const port = await start()
  expect(await fetchWith(port, own.certFile)).toBe(`https://localhost:${port}/`)
  await expect(fetchWith(port, other.certFile)).rejects.toThrow(/certificate/i)
})

test('nobody is answered without TLS', async () => {
  const port = await start()
  const socket = connect(port, '127.0.0.1')
  socket.write('GET / HTTP/1.1\r\nhost: x\r\n\r\n')
  let answer = ''
  socket.on('data', (chunk: Buffer) => (answer += chunk.toString('latin1')))
  await once(socket, 'close')
  expect(answer).not.toContain('HTTP/1.1 200')
})

test('who connects and says nothing is let go after the time for a request', async () => {
  const port = await start(200)
  const socket = connect(port, '127.0.0.1')
  socket.on('error', () => {})
  await once(socket, 'close')
  expect(socket.destroyed).toBe(true)
})

test('who connects and says nothing does not hold up the end', async () => {
  const port = await start(60_000, 50)
  const socket = connect(port, '127.0.0.1')
  socket.on('error', () => {})
  await once(socket, 'connect')
  const closed = once(socket, 'close')
  await open.pop()?.close()
  await closed
})
