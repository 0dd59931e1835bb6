import type native from 'uWebSockets.js'
import type { TemplatedApp, us_listen_socket, WebSocket } from 'uWebSockets.js'
import {
  ListenError,
  type Connection,
  type ConnectionListener,
  type ServerCertificate,
  type SocketServer,
  type SocketServerOptions,
} from './connection.ts'
import { normalizeAddress } from './remote-address.ts'
import { TurnEnd, type Gathering } from './turn-end.ts'

/** What the native side hands back with each event. */
interface UserData {
  readonly forwardedFor: string
  connection: UwsConnection | undefined
}

/**
 * WebSocket on uWebSockets.js. The native binary is loaded here and nowhere else.
 *
 * @throws Error when there is no binary for this Node.js and platform; ListenError.
 */
export async function openUwsServer(options: SocketServerOptions): Promise<SocketServer> {
  const { default: uws } = await import('uWebSockets.js')
  const { host, port, accept, maxBackpressureBytes, tls, trustedProxies } = options
  const turnEnd = new TurnEnd()

  const app = newApp(uws, tls).ws<UserData>('/*', {
    compression: uws.DISABLED,
    maxPayloadLength: options.maxMessageBytes,
    maxBackpressure: maxBackpressureBytes,
    // The gate has its own idle limit, which counts packets and not frames.
    idleTimeout: 0,
    sendPingsAutomatically: false,
    upgrade(response, request, context) {
      response.upgrade<UserData>(
        { connection: undefined, forwardedFor: request.getHeader('x-forwarded-for') },
        request.getHeader('sec-websocket-key'),
        request.getHeader('sec-websocket-protocol'),
        request.getHeader('sec-websocket-extensions'),
        context,
      )
    },
    open(socket) {
      const peer = normalizeAddress(Buffer.from(socket.getRemoteAddressAsText()).toString('latin1'))
      const data = socket.getUserData()
      const address = trustedProxies?.clientOf(peer, data.forwardedFor) ?? peer
      const connection = new UwsConnection(socket, address, turnEnd, maxBackpressureBytes)
      data.connection = connection
      connection.listener = accept(connection)
    },
    message(socket, message, isBinary) {
      // The native side takes the memory back when this callback returns, hence the copy.
      socket.getUserData().connection?.listener?.onMessage(Buffer.from(new Uint8Array(message)), isBinary)
    },
    dropped(socket) {
      socket.getUserData().connection?.overflowed()
    },
    close(socket, code, message) {
      socket.getUserData().connection?.closed(code, message)
    },
  })
  app.any('/*', (response) => {
    response.writeStatus('426 Upgrade Required').writeHeader('upgrade', 'websocket').end()
  })

  const listening = await listen(app, host, port)
  let listenSocket: us_listen_socket | undefined = listening
  const stopListening = () => {
    if (listenSocket !== undefined) uws.us_listen_socket_close(listenSocket)
    listenSocket = undefined
  }
  return {
    transport: 'uws',
    address: { host, port: uws.us_socket_local_port(listening) },
    publish(topic, packet) {
      turnEnd.flush()
      app.publish(topic, packet, true, false)
    },
    subscribers: (topic) => app.numSubscribers(topic),
    stopListening,
    close() {
      stopListening()
      app.close()
      return Promise.resolve()
    },
  }
}

/** @throws Error when the certificate cannot be read; the native side does not say why. */
function newApp(
  uws: Pick<typeof native, 'App' | 'SSLApp'>,
  tls: ServerCertificate | undefined,
): TemplatedApp {
  if (tls === undefined) return uws.App()
  return uws.SSLApp({ cert_file_name: tls.certFile, key_file_name: tls.keyFile })
}

/** `LIBUS_LISTEN_EXCLUSIVE_PORT`: else the system shares the port among processes and a second gate goes unnoticed. */
const exclusivePort = 1

function listen(app: TemplatedApp, host: string, port: number): Promise<us_listen_socket> {
  // The binding takes host, port and options together; its typings know them only in pairs.
  const listenOn = app.listen.bind(app) as unknown as (
    host: string,
    port: number,
    options: number,
    callback: (socket: us_listen_socket | false) => void,
  ) => void
  return new Promise((resolve, reject) => {
    listenOn(host, port, exclusivePort, (socket) => {
      if (socket === false) reject(new ListenError(host, port))
      else resolve(socket)
    })
  })
}

/**
 * What is sent to one client in a turn leaves in one write: the answers of a batch from a backend cost one system call
 * for each client instead of one each.
 */
class UwsConnection implements Connection, Gathering {
  listener: ConnectionListener | undefined
  readonly transport = 'uws'
  readonly remoteAddress: string
  readonly #turnEnd: TurnEnd
  readonly #maxBackpressureBytes: number
  /** The native object throws when it is touched after the end. */
  #socket: WebSocket<UserData> | undefined
  #overflowed = false
  /** Gathered in this turn; the first one apart, as it mostly stays alone. */
  #first: Uint8Array | undefined
  #more: Uint8Array[] = []
  #gatheredBytes = 0

  constructor(
    socket: WebSocket<UserData>,
    remoteAddress: string,
    turnEnd: TurnEnd,
    maxBackpressureBytes: number,
  ) {
    this.#socket = socket
    this.remoteAddress = remoteAddress
    this.#turnEnd = turnEnd
    this.#maxBackpressureBytes = maxBackpressureBytes
  }

  get bufferedBytes(): number {
    return this.#gatheredBytes + (this.#socket?.getBufferedAmount() ?? 0)
  }

  send(packet: Uint8Array): boolean {
    if (this.#socket === undefined || this.#overflowed) return false
    if (this.#gatheredBytes + packet.length > this.#maxBackpressureBytes) this.flush()
    this.#gatheredBytes += packet.length
    if (this.#first === undefined) {
      this.#first = packet
      this.#turnEnd.add(this)
    } else {
      this.#more.push(packet)
    }
    return !this.#overflowed
  }

  /** Sends what was gathered. What does not fit the limit is dropped by the native side, which tells `dropped`. */
  flush(): void {
    const first = this.#first
    const socket = this.#socket
    if (first === undefined) return
    this.#first = undefined
    this.#gatheredBytes = 0
    if (this.#more.length === 0) {
      socket?.send(first, true, false)
      return
    }
    const more = this.#more
    this.#more = []
    socket?.cork(() => {
      socket.send(first, true, false)
      for (const packet of more) socket.send(packet, true, false)
    })
  }

  close(code: number, reason: string): void {
    this.flush()
    this.#socket?.end(code, reason)
  }

  terminate(): void {
    this.#socket?.close()
  }

  subscribe(topic: string): void {
    this.#socket?.subscribe(topic)
  }

  unsubscribe(topic: string): void {
    this.#socket?.unsubscribe(topic)
  }

  unsubscribeAll(): void {
    for (const topic of this.#socket?.getTopics() ?? []) this.#socket?.unsubscribe(topic)
  }

  /** Closing in here would pull the socket from under the publish that is going through its subscribers. */
  overflowed(): void {
    if (this.#overflowed) return
    this.#overflowed = true
    setImmediate(() => {
      if (this.#socket !== undefined) this.listener?.onOverflow()
    })
  }

  closed(code: number, message: ArrayBuffer): void {
    this.#socket = undefined
    // The native side says why in words only.
    const tooLarge = code === abnormal && Buffer.from(message).toString('latin1').includes('too big')
    this.listener?.onClose(tooLarge ? 'message-too-large' : 'closed')
  }
}

/** Close code of a connection that ended without a close frame. */
const abnormal = 1006
