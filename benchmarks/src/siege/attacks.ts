import { connect, type Socket } from 'node:net'
import { deflateSync } from 'node:zlib'
import { packetType, routes, type DisconnectReason } from '@hydra/protocol'
import { Attacker, attackerAddress } from './attacker.ts'

/** What attackers do, and why the gate is to end them. */
export interface Attack {
  /** How many do it at the same time, again and again. */
  readonly connections: number
  readonly reasons: readonly DisconnectReason[]
  /** Resolves when the gate has ended the connection. */
  readonly run: (port: number, token: string) => Promise<void>
}

/** 16 MiB in 16 KiB. */
const bomb = deflateSync(new Uint8Array(16 * 1024 * 1024))
const { login } = routes.gate.session
const upgrade =
  'GET / HTTP/1.1\r\nHost: gate\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\nSec-WebSocket-Version: 13\r\n\r\n'

/** Every attack by name. */
export const attacks = {
  'connect flood': {
    connections: 300,
    reasons: ['SERVER_FULL', 'HANDSHAKE_TIMEOUT'],
    run: async (port) => {
      const attacker = await Attacker.open(port)
      await attacker.closed
    },
  },
  'slow loris': {
    connections: 250,
    reasons: ['HANDSHAKE_TIMEOUT'],
    run: (port) =>
      rawSocket(port, (socket) => {
        socket.write(upgrade)
        // The head of a frame of 100 bytes, and never all of them.
        socket.write(Uint8Array.of(0x82, 0x80 | 100, 0, 0, 0, 0, packetType.handshake))
      }),
  },
  'half-open': {
    connections: 250,
    reasons: ['IDLE'],
    run: async (port) => {
      const attacker = await Attacker.start(port)
      // As when the power of a client fails: its end of the connection is never heard.
      await attacker.closed
    },
  },
  'login storm': {
    connections: 32,
    reasons: ['AUTH_FAILED', 'RATE_LIMITED'],
    run: async (port) => {
      const attacker = await Attacker.start(port)
      for (let i = 0; i < 400; i++) attacker.post(login, { token: `made up ${i}` })
      await attacker.closed
    },
  },
  'zip bomb': {
    connections: 32,
    reasons: ['PACKET_TOO_LARGE'],
    run: async (port) => {
      const attacker = await Attacker.start(port)
      attacker.send({
        kind: 'request',
        id: Uint8Array.of(1),
        route: login.code,
        body: bomb,
        compressed: true,
      })
      await attacker.closed
    },
  },
  'request flood': {
    connections: 32,
    reasons: ['RATE_LIMITED'],
    run: async (port) => {
      const attacker = await Attacker.start(port)
      for (let i = 0; i < 1_000; i++) attacker.post(routes.game.role.list, {})
      await attacker.closed
    },
  },
  'slow consumer': {
    connections: 8,
    reasons: ['SLOW_CONSUMER'],
    run: async (port, token) => {
      const attacker = await Attacker.start(port)
      await attacker.enter(token)
      attacker.stopReading()
      // The largest answers that there are, as often as the limits allow.
      const timer = setInterval(
        () => attacker.post(routes.chat.channel.history, { channel: 'world', limit: 100 }),
        25,
      )
      await attacker.closed
      clearInterval(timer)
    },
  },
} as const satisfies Record<string, Attack>

/** Name of one of the {@link attacks}. */
export type AttackName = keyof typeof attacks

const rawSocket = (port: number, act: (socket: Socket) => void): Promise<void> =>
  new Promise((resolve) => {
    const socket = connect({ port, host: '127.0.0.1', localAddress: attackerAddress }, () => act(socket))
    // A connection that the gate cuts is what this is about.
    socket.on('error', () => {})
    socket.on('close', () => resolve())
    socket.resume()
  })
