import type { TrustedProxies } from './trusted-proxies.ts'

/** What carries a connection: WebSocket on uWebSockets.js, on ws, or plain TCP. */
export type TransportName = 'uws' | 'ws' | 'tcp'

/**
 * One client's connection, whatever carries it. Every method may be called after the end and does nothing then.
 */
export interface Connection {
  readonly transport: TransportName
  /** The peer's address as text, see {@link normalizeAddress}. */
  readonly remoteAddress: string
  /** Bytes sent that the client has not taken yet. */
  readonly bufferedBytes: number
  /**
   * Sends one packet. Answers `false` when it was dropped: the connection is over, or more than the limit waits
   * already, of which {@link ConnectionListener.onOverflow} tells.
   */
  send(packet: Uint8Array): boolean
  /** Ends the connection after what was sent has left; gives up waiting for a client that does not read. */
  close(code: number, reason: string): void
  /** Ends the connection at once; what was not taken is lost. */
  terminate(): void
  /** From now on {@link SocketServer.publish} to this topic reaches this connection. */
  subscribe(topic: string): void
  unsubscribe(topic: string): void
  unsubscribeAll(): void
}

/**
 * How a connection ended. Frames that are no WebSocket are `closed`: the native transport does not tell; a stream that
 * holds no packets is `malformed`.
 */
export type CloseCause = 'closed' | 'message-too-large' | 'malformed'

/** Told what happens on one connection. */
export interface ConnectionListener {
  /** One whole message. The bytes are the listener's to keep. */
  onMessage(bytes: Uint8Array, isBinary: boolean): void
  /** Called once, soon after: a packet was dropped because the client does not read. Nothing more is sent to it. */
  onOverflow(): void
  /** Called once, whoever ended it; {@link Connection.close} calls it before it returns. */
  onClose(cause: CloseCause): void
}

/** Decides who listens to a new connection; `undefined`: nobody, it has been refused and closed. */
export type AcceptConnection = (connection: Connection) => ConnectionListener | undefined

/** A certificate and its key, in files of PEM. */
export interface ServerCertificate {
  readonly certFile: string
  readonly keyFile: string
}

/** Where to listen and how much to take. */
export interface SocketServerOptions {
  readonly host: string
  /** 0: any free port. */
  readonly port: number
  /** A longer message ends the connection before it is read. */
  readonly maxMessageBytes: number
  /** What may wait for one client that does not read. */
  readonly maxBackpressureBytes: number
  /** TLS with this certificate; plain connections when absent. */
  readonly tls?: ServerCertificate | undefined
  /** Those whose word about a client's address is taken; nobody's when absent. */
  readonly trustedProxies?: TrustedProxies | undefined
  readonly accept: AcceptConnection
}

/** Listens for clients: WebSocket on uWebSockets.js or ws, or plain TCP. All pass `socket-server.contract.ts`. */
export interface SocketServer {
  readonly transport: TransportName
  /** Where it listens; the port is the real one. */
  readonly address: { readonly host: string; readonly port: number }
  /** Sends one packet to every connection that subscribed to the topic, in order with what each is sent directly. */
  publish(topic: string, packet: Uint8Array): void
  /** How many connections have subscribed to a topic. */
  subscribers(topic: string): number
  /** Takes no new connection; the others go on. */
  stopListening(): void
  /** Ends everything that is left, at once. */
  close(): Promise<void>
}

/** What each driver exports: resolves when clients can connect. */
export type OpenSocketServer = (options: SocketServerOptions) => Promise<SocketServer>

/** The error of a port that is taken, or of an address that this machine does not have. */
export class ListenError extends Error {
  override readonly name = 'ListenError'
  /** As errors of `node:net` have it. The native transport knows no reason; a port in use is the usual one. */
  readonly code: string

  constructor(host: string, port: number, options: ErrorOptions = {}) {
    super(
      `Cannot listen on ${host}:${port}: the port is in use, or the address is not this machine's.`,
      options,
    )
    const { cause } = options
    const isNodeError = cause instanceof Error && 'code' in cause && typeof cause.code === 'string'
    this.code = isNodeError ? String(cause.code) : 'EADDRINUSE'
  }
}
