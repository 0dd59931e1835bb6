import { connect as connectTcp } from 'node:net'
import { afterEach, describe, expect, it } from 'vitest'
import { encodePacket, packetType } from '@hydra/protocol'
import type { SocketServer } from './connection.ts'
import { serve } from './served.fixture.ts'
import { packetOf, TcpClient } from './socket-client.fixture.ts'
import { openTcpServer } from './tcp-server.ts'
import { TrustedProxies } from './trusted-proxies.ts'

describe('TCP', () => {
  const servers: SocketServer[] = []
  const clients: TcpClient[] = []
  afterEach(async () => {
    for (const client of clients.splice(0)) client.terminate()
    for (const server of servers.splice(0)) await server.close()
  })

  const start = async (trusted?: readonly string[]) => {
    const trustedProxies = trusted === undefined ? undefined : new TrustedProxies(trusted)
    const serving = await serve((options) =>
      openTcpServer({ ...options, trustedProxies, proxyProtocol: trusted !== undefined }),
    )
    servers.push(serving.server)
    return serving
  }
  const connect = (port: number, preamble?: string) => {
    const client = new TcpClient(port, preamble === undefined ? {} : { preamble: Buffer.from(preamble) })
    clients.push(client)
    return client
  }

  it('puts packets together that come byte by byte, and takes many that come at once', async () => {
    const { server, nextServed } = await start()
    const accepted = nextServed()
    const client = connect(server.address.port)
    const served = await accepted
    client.socket.setNoDelay(true)
    for (const byte of packetOf('slow')) client.send(Uint8Array.of(byte))
    client.send(Buffer.concat([packetOf('a'), packetOf('b'), packetOf('c')]))
    await served.until(() => served.messages.length === 4)
    expect(served.messages).toEqual(['slow', 'a', 'b', 'c'])
  })

  it('looks at nothing behind a packet that has ended the connection', async () => {
    const { server, nextServed } = await start()
    const accepted = nextServed()
    const client = connect(server.address.port)
    const served = await accepted
    served.onMessage = function (this: typeof served, bytes) {
      this.bytes.push(bytes)
      this.connection.send(encodePacket(packetType.kick))
      this.connection.close(4000, 'PROTOCOL_ERROR')
    }
    client.send(Buffer.concat([packetOf('a'), packetOf('b')]))
    await client.closed
    expect(served.bytes).toHaveLength(1)
    expect(client.received).toHaveLength(1)
  })

  it('knows the address that a trusted proxy names, before the first packet', async () => {
    const { server, nextServed } = await start(['127.0.0.1'])
    const accepted = nextServed()
    const client = connect(server.address.port, 'PROXY TCP4 203.0.113.9 10.0.0.1 51234 3250\r\n')
    client.send(packetOf('hello'))
    const served = await accepted
    await served.until(() => served.messages.length === 1)
    expect([served.connection.remoteAddress, served.messages]).toEqual(['203.0.113.9', ['hello']])
  })

  it('takes a header that comes in pieces, and the address of a proxy that speaks for itself', async () => {
    const { server, nextServed } = await start(['127.0.0.1'])
    const accepted = nextServed()
    const client = connect(server.address.port, 'PROXY UNK')
    client.socket.setNoDelay(true)
    client.send(Buffer.from('NOWN\r'))
    client.send(Buffer.concat([Buffer.from('\n'), packetOf('hello')]))
    const served = await accepted
    await served.until(() => served.messages.length === 1)
    expect(served.connection.remoteAddress).toBe('127.0.0.1')
  })

  it.each([
    ['without a header', ['127.0.0.1'], packetOf('hello')],
    ['from a stranger', ['10.0.0.0/8'], Buffer.from('PROXY TCP4 203.0.113.9 10.0.0.1 51234 3250\r\n')],
  ])('refuses a connection %s', async (_, trusted, preamble) => {
    const { server, served } = await start(trusted)
    const client = connectTcp(server.address.port, '127.0.0.1')
    client.on('error', () => {})
    const closed = new Promise((resolve) => client.on('close', resolve))
    client.write(preamble)
    await closed
    expect(served).toEqual([])
  })
})
