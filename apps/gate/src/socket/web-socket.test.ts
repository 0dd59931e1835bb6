import { connect as connectTcp } from 'node:net'
import { afterEach, describe, expect, it } from 'vitest'
import type { SocketServer, SocketServerOptions } from './connection.ts'
import { serve } from './served.fixture.ts'
import { packetOf, WsClient } from './socket-client.fixture.ts'
import { TrustedProxies } from './trusted-proxies.ts'
import { openUwsServer } from './uws-server.ts'
import { openWsServer } from './ws-server.ts'

describe.each([
  ['uWebSockets.js', openUwsServer],
  ['ws', openWsServer],
])('WebSocket on %s', (_, open) => {
  const servers: SocketServer[] = []
  const clients: WsClient[] = []
  afterEach(async () => {
    for (const client of clients.splice(0)) client.terminate()
    for (const server of servers.splice(0)) await server.close()
  })

  const start = async (change: Partial<SocketServerOptions> = {}) => {
    const serving = await serve(open, change)
    servers.push(serving.server)
    const connect = async (headers: Record<string, string> = {}) => {
      const accepted = serving.nextServed()
      const client = new WsClient(serving.server.address.port, {}, headers)
      clients.push(client)
      return { client, served: await accepted }
    }
    return { ...serving, connect }
  }

  it('says which messages are text', async () => {
    const { connect } = await start()
    const { client, served } = await connect()
    await client.opened
    client.send(packetOf('one'))
    client.socket.send('two')
    await served.until(() => served.messages.length === 2)
    expect(served.messages).toEqual(['one', 'text message'])
  })

  it('ends a connection that breaks the framing', async () => {
    const { server, nextServed } = await start()
    const accepted = nextServed()
    const socket = connectTcp(server.address.port, '127.0.0.1')
    socket.on('error', () => {})
    socket.write(
      'GET / HTTP/1.1\r\nHost: gate\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n' +
        'Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n',
    )
    const one = await accepted
    // Reserved bits and a reserved opcode, masked as it should be.
    socket.write(Uint8Array.from([0xff, 0x81, 1, 2, 3, 4, 5, 6, 7, 8]))
    await one.until(() => one.closes.length > 0)
    expect(one.closes).toEqual(['closed'])
    expect(one.messages).toEqual([])
    socket.destroy()
  })

  it('answers a plain request with 426', async () => {
    const { server } = await start()
    const response = await fetch(`http://127.0.0.1:${server.address.port}/`)
    expect(response.status).toBe(426)
    expect(response.headers.get('upgrade')).toBe('websocket')
  })

  it('takes the word of trusted proxies about the address, and of nobody else', async () => {
    const headers = { 'x-forwarded-for': '6.6.6.6, 203.0.113.9' }
    const trusting = await start({ trustedProxies: new TrustedProxies(['127.0.0.0/8']) })
    expect((await trusting.connect(headers)).served.connection.remoteAddress).toBe('203.0.113.9')
    expect((await trusting.connect()).served.connection.remoteAddress).toBe('127.0.0.1')
    const { connect } = await start()
    expect((await connect(headers)).served.connection.remoteAddress).toBe('127.0.0.1')
  })
})
