import type {
  CloseCause,
  Connection,
  OpenSocketServer,
  SocketServer,
  SocketServerOptions,
} from './connection.ts'
import { textOf } from './socket-client.fixture.ts'

/** Of the servers in these tests. */
export const maxMessageBytes = 64 * 1024
/** Of the servers in these tests. */
export const maxBackpressureBytes = 256 * 1024

/** The server's side of one connection, with everything that happened on it. */
export class Served {
  readonly connection: Connection
  /** The texts of the packets that came; text messages of WebSocket are none. */
  readonly messages: string[] = []
  readonly bytes: Uint8Array[] = []
  readonly closes: CloseCause[] = []
  overflows = 0
  #wake: () => void = () => {}

  constructor(connection: Connection) {
    this.connection = connection
  }

  onMessage(bytes: Uint8Array, isBinary: boolean): void {
    this.bytes.push(bytes)
    this.messages.push(isBinary ? textOf(bytes) : 'text message')
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

/** A server, and its side of every connection that came. */
export interface Serving {
  readonly server: SocketServer
  readonly served: readonly Served[]
  /** The next connection that is accepted. */
  nextServed(): Promise<Served>
}

/** Opens a server on a free port. */
export async function serve(
  open: OpenSocketServer,
  change: Partial<SocketServerOptions> = {},
): Promise<Serving> {
  const served: Served[] = []
  let onAccepted: (one: Served) => void = () => {}
  const server = await open({
    host: '127.0.0.1',
    port: 0,
    maxMessageBytes,
    maxBackpressureBytes,
    accept: (connection) => {
      const one = new Served(connection)
      served.push(one)
      onAccepted(one)
      return one
    },
    ...change,
  })
  return { server, served, nextServed: () => new Promise((resolve) => (onAccepted = resolve)) }
}
