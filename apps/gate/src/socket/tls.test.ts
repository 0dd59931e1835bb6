import { execFile } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { OpenSocketServer } from './connection.ts'
import { serve } from './served.fixture.ts'
import { packetOf, TcpClient, WsClient, type Client, type ClientOptions } from './socket-client.fixture.ts'
import { openTcpServer } from './tcp-server.ts'
import { TrustedProxies } from './trusted-proxies.ts'
import { openUwsServer } from './uws-server.ts'
import { openWsServer } from './ws-server.ts'

let folder = ''
let ca = ''
const file = (name: string) => join(folder, name)
const certificate = () => ({ certFile: file('cert.pem'), keyFile: file('key.pem') })

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'hydra-gate-tls-'))
  const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '2']
  const subject = ['-subj', '/CN=localhost', '-addext', 'subjectAltName=IP:127.0.0.1']
  const files = ['-keyout', file('key.pem'), '-out', file('cert.pem')]
  await promisify(execFile)('openssl', ['req', '-x509', ...key, ...subject, ...files])
  ca = await readFile(file('cert.pem'), 'utf8')
})
afterAll(() => rm(folder, { recursive: true, force: true }))

const viaProxy: OpenSocketServer = (options) =>
  openTcpServer({ ...options, proxyProtocol: true, trustedProxies: new TrustedProxies(['127.0.0.1']) })
const header = Buffer.from('PROXY TCP4 203.0.113.9 10.0.0.1 51234 3250\r\n')

describe.each<[string, OpenSocketServer, (port: number, options: ClientOptions) => Client, string]>([
  ['uWebSockets.js', openUwsServer, (port, options) => new WsClient(port, options), '127.0.0.1'],
  ['ws', openWsServer, (port, options) => new WsClient(port, options), '127.0.0.1'],
  ['TCP', openTcpServer, (port, options) => new TcpClient(port, options), '127.0.0.1'],
  [
    'TCP behind a proxy',
    viaProxy,
    (port, options) => new TcpClient(port, { ...options, preamble: header }),
    '203.0.113.9',
  ],
])('TLS on %s', (_, open, connectTo, address) => {
  it('carries packets both ways and knows the address', async () => {
    const { server, nextServed } = await serve(open, { tls: certificate() })
    const accepted = nextServed()
    const client = connectTo(server.address.port, { ca })
    await client.opened
    const served = await accepted
    client.send(packetOf('hello'))
    await served.until(() => served.messages.length === 1)
    served.connection.send(packetOf('x'.repeat(100_000)))
    served.connection.send(packetOf('bye'))
    served.connection.close(1000, 'bye')
    await client.closed
    expect(served.messages).toEqual(['hello'])
    expect(served.connection.remoteAddress).toBe(address)
    expect(client.received.map(({ length }) => length)).toEqual([100_000, 3])
    await server.close()
  })

  it('serves nobody without TLS', async () => {
    const { server, served } = await serve(open, { tls: certificate() })
    const client = connectTo(server.address.port, {})
    if (client instanceof TcpClient) client.send(packetOf('hello, this is no greeting of TLS'))
    await client.closed
    expect(served).toEqual([])
    await server.close()
  })

  it('ends those who have not greeted when it closes', async () => {
    const { server, nextServed } = await serve(open, { tls: certificate() })
    const silent = connect(server.address.port, '127.0.0.1')
    const closed = once(silent, 'close')
    silent.on('error', () => {})
    await once(silent, 'connect')
    // Connections are taken in their order: when this one is there, so is the other.
    const accepted = nextServed()
    const client = connectTo(server.address.port, { ca })
    await Promise.all([accepted, client.opened])
    await server.close()
    await closed
    // By itself it would be let go after the 10 s that a handshake may take.
  }, 8_000)

  it('does not open with a certificate that is not there', async () => {
    const tls = { ...certificate(), certFile: file('nowhere.pem') }
    await expect(serve(open, { tls })).rejects.toBeInstanceOf(Error)
  })
})
