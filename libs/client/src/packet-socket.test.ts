import { packetType, type HydraError, type Packet } from '@hydra/protocol'
import { describe, expect, test } from 'vitest'
import { Connection } from './connection.ts'
import type { CloseReason } from './close-reason.ts'
import { PacketSocket, type SocketEnd } from './packet-socket.ts'
import { ManualClock } from './test-support/manual-clock.ts'
import type { WebSocketLike } from './websocket/web-socket.ts'

/** A WebSocket in the test's hands, for what a real one does only under load or never. */
class ScriptedWebSocket implements WebSocketLike {
  bufferedAmount = 0
  readonly sent: Uint8Array[] = []
  readonly #listeners = new Map<string, (event: never) => void>()

  addEventListener(type: string, listener: (event: never) => void): void {
    this.#listeners.set(type, listener)
  }

  emit(type: string, event?: unknown): void {
    this.#listeners.get(type)?.(event as never)
  }

  send(data: Uint8Array): void {
    this.sent.push(data)
  }

  close(): void {
    this.emit('close', { code: 1000, reason: '' })
  }
}

function open() {
  const webSocket = new ScriptedWebSocket()
  const packets: Packet[] = []
  const invalid: HydraError[] = []
  const ends: SocketEnd[] = []
  const socket = new PacketSocket(
    { url: 'ws://test', openWebSocket: () => webSocket, maxBufferedBytes: 100 },
    {
      onOpen: () => {},
      onPacket: (packet) => packets.push(packet),
      onInvalid: (error) => invalid.push(error),
      onClosed: (end) => ends.push(end),
    },
  )
  return { webSocket, socket, packets, invalid, ends }
}

const agreement = {
  serializer: 'json' as const,
  heartbeatMs: 0,
  codeByName: new Map<string, number>(),
  nameByCode: new Map<number, string>(),
}

describe('PacketSocket', () => {
  test('refuses data while too much waits to leave; heartbeats still pass', () => {
    const { webSocket, socket } = open()
    webSocket.bufferedAmount = 101
    expect(() => socket.send(packetType.data, Uint8Array.of(1))).toThrow(
      expect.objectContaining({ code: 'SERVER_BUSY' }),
    )
    socket.send(packetType.heartbeat)
    webSocket.bufferedAmount = 100
    socket.send(packetType.data, Uint8Array.of(1))
    expect(webSocket.sent.map((packet) => packet[0])).toEqual([packetType.heartbeat, packetType.data])
  })

  test.each([['text'], [null], [undefined], [{}], [[1, 2]]])('says PROTOCOL_ERROR about %j', (data) => {
    const { webSocket, invalid, packets } = open()
    webSocket.emit('message', { data })
    expect(invalid).toMatchObject([{ code: 'PROTOCOL_ERROR' }])
    expect(packets).toEqual([])
  })

  test('reports the end with the error that came before it', () => {
    const { webSocket, ends } = open()
    const error = new Error('reset')
    webSocket.emit('error', { error })
    webSocket.emit('close', { code: 1006, reason: '' })
    expect(ends).toEqual([{ code: 1006, reason: '', error }])
  })
})

describe('Connection', () => {
  test('data before the handshake is acknowledged ends it; the reason waits for the handlers', () => {
    const { webSocket, socket } = open()
    const connection = new Connection(socket, agreement, new ManualClock())
    webSocket.emit('message', { data: Uint8Array.of(packetType.data, 0, 0, 3, 2, 1, 97).buffer })
    const ends: CloseReason[] = []
    connection.start({ onMessage: () => {}, onClosed: (reason) => ends.push(reason) })
    expect(ends).toEqual([
      {
        code: 'PROTOCOL_ERROR',
        reason: 'The server broke the protocol: data before the handshake was acknowledged',
        kicked: false,
      },
    ])
    expect(webSocket.sent).toEqual([])
  })

  test('what arrives after the end is not delivered', () => {
    const { webSocket, socket } = open()
    const connection = new Connection(socket, agreement, new ManualClock())
    const routes: unknown[] = []
    connection.start({ onMessage: (message) => routes.push(message), onClosed: () => {} })
    const push = { data: Uint8Array.of(packetType.data, 0, 0, 3, 6, 1, 97).buffer }
    webSocket.emit('message', push)
    void connection.close()
    webSocket.emit('message', push)
    webSocket.emit('open')
    expect(routes).toHaveLength(1)
    expect(connection.closed).toMatchObject({ code: 'CLIENT_CLOSED' })
  })
})
