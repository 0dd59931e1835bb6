import { openWebSocket } from '#websocket'
import type { Serializer } from '@hydra/protocol'
import { systemClock, type ClientClock } from './client-clock.ts'
import type { ClientIssue } from './client-issue.ts'
import { GameClient } from './game-client.ts'
import type { ClientInfo } from './handshake.ts'
import { openConnection } from './open-connection.ts'
import type { OpenWebSocket } from './websocket/web-socket.ts'

/** What this library calls itself in the handshake where the application gives no name of its own. */
export const defaultClientInfo: ClientInfo = Object.freeze({ type: 'hydra-js', version: '0.1.0' })

/** Where and how to connect. */
export interface ConnectOptions {
  /** Address of a gate, for example `ws://127.0.0.1:3250`. */
  readonly url: string
  /** How bodies are written. Default `msgpack`; `json` is larger but can be read in the browser's tools. */
  readonly serializer?: Serializer
  /** How long an answer may take. Default 10,000. */
  readonly timeoutMs?: number
  /** How long connecting and the handshake may take together. Default 10,000. */
  readonly connectTimeoutMs?: number
  /** What the application says about itself. */
  readonly clientInfo?: ClientInfo
  /** Requests that may wait for answers at the same time. Default 256. */
  readonly maxPendingRequests?: number
  /** Data that may wait to leave before requests fail with `SERVER_BUSY`. Default 1 MiB. */
  readonly maxBufferedBytes?: number
  /** Whether answers and pushes are checked against their contracts. Default `true`. */
  readonly validateAnswers?: boolean
  /** Is told of what the client survives, see {@link ClientIssue}. */
  readonly onIssue?: (issue: ClientIssue) => void
  /** For tests. */
  readonly clock?: ClientClock
  /** For platforms whose WebSocket is neither the browser's nor `ws`. */
  readonly openWebSocket?: OpenWebSocket
}

/**
 * Connects to a gate and shakes hands. Log in next.
 *
 * @throws HydraError `CONNECTION_CLOSED` when nobody answers, `TIMEOUT`, `PROTOCOL_ERROR` when the gate refuses the
 * handshake (the message says why), `BAD_REQUEST` for an address that is none.
 * @example
 * const client = await connect({ url: 'ws://127.0.0.1:3250' })
 * await client.logIn(token)
 */
export async function connect(options: ConnectOptions): Promise<GameClient> {
  const clock = options.clock ?? systemClock
  const open = () =>
    openConnection({
      url: options.url,
      serializer: options.serializer ?? 'msgpack',
      clientInfo: options.clientInfo ?? defaultClientInfo,
      connectTimeoutMs: options.connectTimeoutMs ?? 10_000,
      maxBufferedBytes: options.maxBufferedBytes ?? 1_048_576,
      clock,
      openWebSocket: options.openWebSocket ?? openWebSocket,
    })
  return new GameClient(await open(), {
    timeoutMs: options.timeoutMs ?? 10_000,
    maxPendingRequests: options.maxPendingRequests ?? 256,
    validateAnswers: options.validateAnswers ?? true,
    clock,
    onIssue: options.onIssue,
    reopen: open,
  })
}
