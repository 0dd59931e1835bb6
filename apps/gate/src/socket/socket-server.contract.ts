import { once } from 'node:events'
import { connect as connectTcp } from 'node:net'
import { WebSocket } from 'ws'
import { afterEach, describe, expect, it } from 'vitest'
import {
  ListenError,
  type CloseCause,
  type Connection,
  type OpenSocketServer,
  type SocketServer,
  type SocketServerOptions,
} from './connection.ts'

const maxMessageBytes = 64 * 1024
const maxBackpressureBytes = 256 * 1024

/** The server's side of one connection, with everything that happened on it. */
class Served {
  readonly connection: Connection
  readonly messages: { readonly text: string; readonly isBinary: boolean }[] = []
  readonly bytes: Uint8Array[] = []
  readonly closes: CloseCause[] = []
  overflows = 0
  #wake: () => void = () => {}

  constructor(connection: Connection) {
    this.connection = connection
  }

  onMessage(bytes: Uint8Array, isBinary: boolean): void {
    this.bytes.push(bytes)
    this.messages.push({ text: new TextDecoder().decode(bytes), isBinary })
    this.#wake()
  }

  onOverflow(): void {
    this.overflows++
    this.#wake()
  }

  onClose(cause: CloseCause): void {
    this.closes.push(cause)
    this.#wake()
  }

  async until(holds: () => boolean): Promise<void> {
    while (!holds()) await new Promise<void>((resolve) => (this.#wake = resolve))
  }
}

/** A raw client that keeps what it received. */
class Client {
  readonly socket: WebSocket
  readonly received: string[] = []
  readonly closed: Promise<{ code: number; reason: string }>
  #wake: () => void = () => {}

  constructor(url: string) {
    this.socket = new WebSocket(url)
    // A connection that the server cuts is an error for this library and an expected end for these tests.
    this.socket.on('error', () => {})
    this.socket.on('message', (data) => {
      this.received.push((data as Buffer).toString())
      this.#wake()
    })
    this.closed = new Promise((resolve) => {
      this.socket.on('close', (code, reason) => resolve({ code, reason: reason.toString() }))
    })
  }

  async until(holds: () => boolean): Promise<void> {
    while (!holds()) await new Promise<void>((resolve) => (this.#wake = resolve))
  }
}

const bytesOf = (text: string) => new TextEncoder().encode(text)

/** What every transport does. */
export function describeSocketServer(name: string, open: OpenSocketServer): void {
  describe(`socket server on ${name}`, () => {
    const servers: SocketServer[] = []
    const clients: Client[] = []

    afterEach(async () => {
      for (const client of clients.splice(0)) client.socket.terminate()
      for (const server of servers.splice(0)) await server.close()
    })

    const start = async (change: Partial<SocketServerOptions> = {}) => {
      const served: Served[] = []
      let onAccepted: () => void = () => {}
      const server = await open({
        host: '127.0.0.1',
        port: 0,
        maxMessageBytes,
        maxBackpressureBytes,
        accept: (connection) => {
          const one = new Served(connection)
          served.push(one)
          onAccepted()
          return one
        },
        ...change,
      })
      servers.push(server)
      const connect = async () => {
        const accepted = new Promise<void>((resolve) => (onAccepted = resolve))
        const client = new Client(`ws://127.0.0.1:${server.address.port}/any/path?query`)
        clients.push(client)
        await Promise.all([once(client.socket, 'open'), accepted])
        const one = served.at(-1)
        if (one === undefined) throw new Error('nobody was accepted')
        return { client, served: one }
      }
      return { server, served, connect }
    }

    it('carries messages both ways, in order, and says which are text', async () => {
      const { connect } = await start()
      const { client, served } = await connect()
      client.socket.send(bytesOf('one'))
      client.socket.send('two')
      client.socket.send(new Uint8Array(0))
      await served.until(() => served.messages.length === 3)
      expect(served.messages).toEqual([
        { text: 'one', isBinary: true },
        { text: 'two', isBinary: false },
        { text: '', isBinary: true },
      ])
      for (const text of ['a', 'b', 'c']) expect(served.connection.send(bytesOf(text))).toBe(true)
      await client.until(() => client.received.length === 3)
      expect(client.received).toEqual(['a', 'b', 'c'])
    })

    it('hands out bytes that stay valid after the callback', async () => {
      const { connect } = await start()
      const { client, served } = await connect()
      const texts = Array.from({ length: 200 }, (_, i) => `${i}:`.padEnd(i * 7, String(i % 10)))
      for (const text of texts) client.socket.send(bytesOf(text))
      await served.until(() => served.bytes.length === texts.length)
      expect(served.bytes.map((bytes) => new TextDecoder().decode(bytes))).toEqual(texts)
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
      a.served.connection.send(bytesOf('direct 1'))
      server.publish('world', bytesOf('push 1'))
      a.served.connection.send(bytesOf('direct 2'))
      server.publish('world', bytesOf('push 2'))
      a.served.connection.send(bytesOf('direct 3'))
      for (const { served } of [a, b, c]) served.connection.send(bytesOf('end'))
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
      server.publish('one', bytesOf('1'))
      server.publish('two', bytesOf('2'))
      for (const { served } of [a, b]) served.connection.send(bytesOf('end'))
      await Promise.all([a, b].map(({ client }) => client.until(() => client.received.includes('end'))))
      await c.client.closed
      expect([a.client.received, b.client.received, c.client.received]).toEqual([['2', 'end'], ['end'], []])
    })

    it('sends what came before the close, then the close with code and reason', async () => {
      const { connect } = await start()
      const { client, served } = await connect()
      served.connection.send(bytesOf('x'.repeat(100_000)))
      served.connection.send(bytesOf('kick'))
      served.connection.close(4001, 'IDLE')
      expect(served.closes).toEqual(['closed'])
      await expect(client.closed).resolves.toEqual({ code: 4001, reason: 'IDLE' })
      expect(client.received.map((text) => text.length)).toEqual([100_000, 4])
    })

    it('takes everything after the end and does nothing', async () => {
      const { server, connect } = await start()
      for (const end of ['close', 'terminate'] as const) {
        const { client, served } = await connect()
        served.connection.subscribe('topic')
        served.connection[end](1000, 'bye')
        const { connection } = served
        expect(connection.send(bytesOf('late'))).toBe(false)
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
      polite.client.socket.close(1000, 'bye')
      rude.client.socket.terminate()
      await Promise.all([polite, rude].map(({ served }) => served.until(() => served.closes.length > 0)))
      expect([polite.served.closes, rude.served.closes]).toEqual([['closed'], ['closed']])
    })

    it('ends a connection whose message is too long, without reading it', async () => {
      const { connect } = await start()
      const { client, served } = await connect()
      client.socket.send(new Uint8Array(maxMessageBytes))
      client.socket.send(new Uint8Array(maxMessageBytes + 1))
      await served.until(() => served.closes.length > 0)
      expect(served.closes).toEqual(['message-too-large'])
      expect(served.bytes.map((bytes) => bytes.length)).toEqual([maxMessageBytes])
      await client.closed
    })

    it('ends a connection that breaks the framing', async () => {
      const { server, served: all } = await start()
      const accepted = async () => {
        while (all.length === 0) await new Promise((resolve) => setImmediate(resolve))
      }
      const socket = connectTcp(server.address.port, '127.0.0.1')
      socket.on('error', () => {})
      socket.write(
        'GET / HTTP/1.1\r\nHost: gate\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n' +
          'Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n',
      )
      await accepted()
      // Reserved bits and a reserved opcode, masked as it should be.
      socket.write(Uint8Array.from([0xff, 0x81, 1, 2, 3, 4, 5, 6, 7, 8]))
      const [one] = all
      await one?.until(() => one.closes.length > 0)
      expect(one?.closes).toEqual(['closed'])
      expect(one?.messages).toEqual([])
      socket.destroy()
    })

    it('tells once when a client does not read, and delays nobody else', async () => {
      const { server, connect } = await start()
      const [slow, quick] = [await connect(), await connect()]
      for (const { served } of [slow, quick]) served.connection.subscribe('world')
      slow.client.socket.pause()
      const chunk = new Uint8Array(32 * 1024).fill(120)
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
      client.socket.pause()
      const chunk = new Uint8Array(64 * 1024)
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
      const late = new Client(`ws://127.0.0.1:${server.address.port}`)
      clients.push(late)
      expect((await late.closed).code).toBe(1006)
      served.connection.send(bytesOf('still here'))
      await client.until(() => client.received.length === 1)
    })

    it('ends everybody when it closes', async () => {
      const { server, connect } = await start()
      const [a, b] = [await connect(), await connect()]
      b.client.socket.pause()
      b.served.connection.close(1000, 'bye')
      await server.close()
      await a.client.closed
      expect([a.served.closes, b.served.closes]).toEqual([['closed'], ['closed']])
    })

    it('refuses a connection that nobody accepts', async () => {
      const { server } = await start({
        accept: (connection) => {
          connection.send(bytesOf('full'))
          connection.close(1013, 'SERVER_FULL')
          return undefined
        },
      })
      const client = new Client(`ws://127.0.0.1:${server.address.port}`)
      clients.push(client)
      await expect(client.closed).resolves.toEqual({ code: 1013, reason: 'SERVER_FULL' })
      expect(client.received).toEqual(['full'])
    })

    it('answers a plain request with 426', async () => {
      const { server } = await start()
      const response = await fetch(`http://127.0.0.1:${server.address.port}/`)
      expect(response.status).toBe(426)
      expect(response.headers.get('upgrade')).toBe('websocket')
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
