import { packetHeaderBytes } from '@hydra/protocol'
import { afterEach, describe, expect, it } from 'vitest'
import {
  ListenError,
  type OpenSocketServer,
  type SocketServer,
  type SocketServerOptions,
} from './connection.ts'
import { maxBackpressureBytes, maxMessageBytes, serve } from './served.fixture.ts'
import { packetOf, type Client } from './socket-client.fixture.ts'

/** What every transport does. */
export function describeSocketServer(
  name: string,
  open: OpenSocketServer,
  connectTo: (port: number) => Client,
): void {
  describe(`socket server on ${name}`, () => {
    const servers: SocketServer[] = []
    const clients: Client[] = []

    afterEach(async () => {
      for (const client of clients.splice(0)) client.terminate()
      for (const server of servers.splice(0)) await server.close()
    })

    const start = async (change: Partial<SocketServerOptions> = {}) => {
      const { server, served, nextServed } = await serve(open, change)
      servers.push(server)
      const connect = async () => {
        const accepted = nextServed()
        const client = connectTo(server.address.port)
        clients.push(client)
        const [one] = await Promise.all([accepted, client.opened])
        return { client, served: one }
      }
      return { server, served, connect }
    }

    it('carries packets both ways, in order', async () => {
      const { connect } = await start()
      const { client, served } = await connect()
      for (const text of ['one', 'two', '']) client.send(packetOf(text))
      await served.until(() => served.messages.length === 3)
      expect(served.messages).toEqual(['one', 'two', ''])
      for (const text of ['a', 'b', 'c']) expect(served.connection.send(packetOf(text))).toBe(true)
      await client.until(() => client.received.length === 3)
      expect(client.received).toEqual(['a', 'b', 'c'])
    })

    it('hands out bytes that stay valid after the callback', async () => {
      const { connect } = await start()
      const { client, served } = await connect()
      const texts = Array.from({ length: 200 }, (_, i) => `${i}:`.padEnd(i * 7, String(i % 10)))
      for (const text of texts) client.send(packetOf(text))
      await served.until(() => served.bytes.length === texts.length)
      expect(served.messages).toEqual(texts)
    })

    it('knows the address of the peer', async () => {
      const { connect } = await start()
      const { served } = await connect()
      expect(served.connection.remoteAddress).toBe('127.0.0.1')
    })

    it('publishes to subscribers only, in order with what each is sent directly', async () => {
      const { server, connect } = await start()
      const [a, b, c] = [await connect(), await connect(), await connect()]
      a.served.connection.subscribe('world')
      a.served.connection.subscribe('world')
      b.served.connection.subscribe('world')
      b.served.connection.subscribe('other')
      expect([server.subscribers('world'), server.subscribers('other'), server.subscribers('none')]).toEqual([
        2, 1, 0,
      ])
      a.served.connection.send(packetOf('direct 1'))
      server.publish('world', packetOf('push 1'))
      a.served.connection.send(packetOf('direct 2'))
      server.publish('world', packetOf('push 2'))
      a.served.connection.send(packetOf('direct 3'))
      for (const { served } of [a, b, c]) served.connection.send(packetOf('end'))
      await Promise.all([a, b, c].map(({ client }) => client.until(() => client.received.includes('end'))))
      expect(a.client.received).toEqual(['direct 1', 'push 1', 'direct 2', 'push 2', 'direct 3', 'end'])
      expect(b.client.received).toEqual(['push 1', 'push 2', 'end'])
      expect(c.client.received).toEqual(['end'])
    })

    it('stops publishing to those that have unsubscribed or ended', async () => {
      const { server, connect } = await start()
      const [a, b, c] = [await connect(), await connect(), await connect()]
      for (const { served } of [a, b, c]) {
        served.connection.subscribe('one')
        served.connection.subscribe('two')
      }
      a.served.connection.unsubscribe('one')
      a.served.connection.unsubscribe('never joined')
      b.served.connection.unsubscribeAll()
      c.served.connection.close(1000, 'bye')
      expect([server.subscribers('one'), server.subscribers('two')]).toEqual([0, 1])
      server.publish('one', packetOf('1'))
      server.publish('two', packetOf('2'))
      for (const { served } of [a, b]) served.connection.send(packetOf('end'))
      await Promise.all([a, b].map(({ client }) => client.until(() => client.received.includes('end'))))
      await c.client.closed
      expect([a.client.received, b.client.received, c.client.received]).toEqual([['2', 'end'], ['end'], []])
    })

    it('sends what came before the close, then the close with code and reason', async () => {
      const { connect } = await start()
      const { client, served } = await connect()
      served.connection.send(packetOf('x'.repeat(100_000)))
      served.connection.send(packetOf('kick'))
      served.connection.close(4001, 'IDLE')
      expect(served.closes).toEqual(['closed'])
      // A stream has no close frame.
      expect([{}, { code: 4001, reason: 'IDLE' }]).toContainEqual(await client.closed)
      expect(client.received.map((text) => text.length)).toEqual([100_000, 4])
    })

    it('takes everything after the end and does nothing', async () => {
      const { server, connect } = await start()
      for (const end of ['close', 'terminate'] as const) {
        const { client, served } = await connect()
        served.connection.subscribe('topic')
        served.connection[end](1000, 'bye')
        const { connection } = served
        expect(connection.send(packetOf('late'))).toBe(false)
        connection.subscribe('topic')
        connection.unsubscribe('topic')
        connection.unsubscribeAll()
        connection.close(1000, 'again')
        connection.terminate()
        expect(connection.bufferedBytes).toBe(0)
        await client.closed
        expect(served.closes).toEqual(['closed'])
        expect(client.received).toEqual([])
        expect(server.subscribers('topic')).toBe(0)
      }
    })

    it('notices a client that closes, and one that vanishes', async () => {
      const { connect } = await start()
      const [polite, rude] = [await connect(), await connect()]
      polite.client.leave()
      rude.client.terminate()
      await Promise.all([polite, rude].map(({ served }) => served.until(() => served.closes.length > 0)))
      expect([polite.served.closes, rude.served.closes]).toEqual([['closed'], ['closed']])
    })

    it('ends a connection whose message is too long, without reading it', async () => {
      const { connect } = await start()
      const { client, served } = await connect()
      client.send(packetOf('x'.repeat(maxMessageBytes - packetHeaderBytes)))
      client.send(packetOf('x'.repeat(maxMessageBytes - packetHeaderBytes + 1)))
      await served.until(() => served.closes.length > 0)
      expect(served.closes).toEqual(['message-too-large'])
      expect(served.bytes.map((bytes) => bytes.length)).toEqual([maxMessageBytes])
      await client.closed
    })

    it('tells once when a client does not read, and delays nobody else', async () => {
      const { server, connect } = await start()
      const [slow, quick] = [await connect(), await connect()]
      for (const { served } of [slow, quick]) served.connection.subscribe('world')
      slow.client.pause()
      const chunk = packetOf('x'.repeat(32 * 1024))
      let published = 0
      while (slow.served.overflows === 0) {
        server.publish('world', chunk)
        published++
        // The quick one has it before the next is sent, however much waits for the slow one.
        await quick.client.until(() => quick.client.received.length === published)
      }
      expect(slow.served.connection.send(chunk)).toBe(false)
      expect(slow.served.connection.bufferedBytes).toBeLessThanOrEqual(
        maxBackpressureBytes + 2 * chunk.length,
      )
      slow.served.connection.terminate()
      expect(slow.served.overflows).toBe(1)
      expect(slow.served.closes).toEqual(['closed'])
      expect(quick.served.overflows).toBe(0)
    })

    it('tells of an overflow by direct sends too', async () => {
      const { connect } = await start()
      const { client, served } = await connect()
      client.pause()
      const chunk = packetOf('x'.repeat(64 * 1024))
      let taken = 0
      while (served.connection.send(chunk)) taken++
      await served.until(() => served.overflows > 0)
      expect(taken).toBeGreaterThan(3)
      served.connection.terminate()
    })

    it('goes on with the others when it takes no more', async () => {
      const { server, connect } = await start()
      const { client, served } = await connect()
      server.stopListening()
      server.stopListening()
      const late = connectTo(server.address.port)
      clients.push(late)
      await late.closed
      served.connection.send(packetOf('still here'))
      await client.until(() => client.received.length === 1)
    })

    it('ends everybody when it closes', async () => {
      const { server, connect } = await start()
      const [a, b] = [await connect(), await connect()]
      b.client.pause()
      b.served.connection.close(1000, 'bye')
      await server.close()
      await a.client.closed
      expect([a.served.closes, b.served.closes]).toEqual([['closed'], ['closed']])
    })

    it('refuses a connection that nobody accepts', async () => {
      const { server } = await start({
        accept: (connection) => {
          connection.send(packetOf('full'))
          connection.close(1013, 'SERVER_FULL')
          return undefined
        },
      })
      const client = connectTo(server.address.port)
      clients.push(client)
      expect([{}, { code: 1013, reason: 'SERVER_FULL' }]).toContainEqual(await client.closed)
      expect(client.received).toEqual(['full'])
    })

    it('names the address when it cannot listen there', async () => {
      const { server } = await start()
      const { port } = server.address
      const second = start({ port })
      await expect(second).rejects.toThrow(ListenError)
      await expect(second).rejects.toMatchObject({ code: 'EADDRINUSE' })
      await expect(second).rejects.toThrow(`127.0.0.1:${port}`)
    })
  })
}
