import type { Socket } from 'node:net'
import { HydraError, packetHeaderBytes, PacketReader } from '@hydra/protocol'
import type { CloseCause, Connection, ConnectionListener } from './connection.ts'
import { Subscriptions, type Topics } from './topics.ts'
import type { Gathering, TurnEnd } from './turn-end.ts'

/** What a connection over TCP, with or without TLS, works with. */
export interface TcpConnectionOptions {
  readonly socket: Socket
  readonly address: string
  readonly topics: Topics
  readonly turnEnd: TurnEnd
  readonly maxMessageBytes: number
  readonly maxBackpressureBytes: number
}

/** How long a closed connection may take to read what is left; about the same as the other transports'. */
const lingerMs = 4_000

/**
 * One client's stream of packets. What it is sent in a turn leaves in one write. A stream has no close frame: the kick
 * before it says why.
 */
export class TcpConnection implements Connection, Gathering {
  readonly transport = 'tcp'
  readonly remoteAddress: string
  readonly #socket: Socket
  readonly #options: TcpConnectionOptions
  readonly #subscriptions: Subscriptions
  readonly #packets: PacketReader
  #listener: ConnectionListener | undefined
  #open = true
  #told = false
  #corked = false
  #overflowed = false

  constructor(options: TcpConnectionOptions) {
    this.#options = options
    this.#socket = options.socket
    this.remoteAddress = options.address
    this.#subscriptions = new Subscriptions(options.topics, this)
    this.#packets = new PacketReader({ maxBodyBytes: options.maxMessageBytes - packetHeaderBytes })
  }

  listen(listener: ConnectionListener | undefined): void {
    this.#listener = listener
    if (!this.#open) return
    this.#socket.on('data', (chunk: Buffer) => this.#take(chunk))
    this.#socket.on('error', () => this.#ended('closed'))
    this.#socket.on('end', () => this.terminate())
    this.#socket.on('close', () => this.#ended('closed'))
    this.#socket.resume()
  }

  get bufferedBytes(): number {
    return this.#open ? this.#socket.writableLength : 0
  }

  send(packet: Uint8Array): boolean {
    if (!this.#open || this.#overflowed) return false
    if (this.#socket.writableLength > this.#options.maxBackpressureBytes) {
      this.#overflow()
      return false
    }
    if (!this.#corked) {
      this.#corked = true
      this.#socket.cork()
      this.#options.turnEnd.add(this)
    }
    this.#socket.write(packet)
    return true
  }

  flush(): void {
    if (!this.#corked) return
    this.#corked = false
    this.#socket.uncork()
  }

  close(): void {
    if (!this.#open) return
    this.flush()
    this.#socket.end()
    this.#linger()
    this.#ended('closed')
  }

  terminate(): void {
    if (!this.#open) return
    this.#socket.destroy()
    this.#ended('closed')
  }

  subscribe(topic: string): void {
    if (this.#open) this.#subscriptions.add(topic)
  }

  unsubscribe(topic: string): void {
    this.#subscriptions.remove(topic)
  }

  unsubscribeAll(): void {
    this.#subscriptions.clear()
  }

  /** The rest may still be read and thrown away: with bytes unread the system would reset and lose what was sent. */
  #linger(): void {
    const timer = setTimeout(() => this.#socket.destroy(), lingerMs).unref()
    this.#socket.once('close', () => clearTimeout(timer))
    this.#socket.resume()
  }

  #take(chunk: Buffer): void {
    if (!this.#open) return
    try {
      this.#packets.push(chunk, (_, bytes) => {
        // A packet before it may have ended the connection.
        if (this.#open) this.#listener?.onMessage(bytes, true)
      })
    } catch (thrown) {
      // Unlike a WebSocket that has broken its framing, a stream can still be told why it ends.
      this.#tell(HydraError.from(thrown).code === 'PAYLOAD_TOO_LARGE' ? 'message-too-large' : 'malformed')
      this.close()
    }
  }

  #overflow(): void {
    this.#overflowed = true
    setImmediate(() => {
      if (this.#open) this.#listener?.onOverflow()
    })
  }

  #ended(cause: CloseCause): void {
    if (!this.#open) return
    this.#open = false
    this.unsubscribeAll()
    this.#tell(cause)
  }

  #tell(cause: CloseCause): void {
    if (this.#told) return
    this.#told = true
    this.#listener?.onClose(cause)
  }
}
