import { randomBytes } from 'node:crypto'
import { connect, type Socket } from 'node:net'

/** Called with each message; the bytes are a view that the next chunk may overwrite. */
export type OnMessage = (chunk: Buffer, start: number, end: number) => void

/**
 * The least WebSocket client that measures a server and not itself: frames are laid out beforehand and written
 * together, messages are views. Binary, unfragmented messages below 64 KiB only, which is what the servers under test
 * send. Source of the framing: RFC 6455, section 5.
 */
export class LoadSocket {
  readonly #socket: Socket
  readonly #onMessage: OnMessage
  #rest: Buffer | undefined

  private constructor(socket: Socket, onMessage: OnMessage) {
    this.#socket = socket
    this.#onMessage = onMessage
    socket.on('data', (chunk: Buffer) => this.#take(chunk))
  }

  /** Connects and upgrades. @throws Error when the server refuses. */
  static async open(port: number, onMessage: OnMessage): Promise<LoadSocket> {
    const socket = connect({ port, host: '127.0.0.1', noDelay: true })
    const key = randomBytes(16).toString('base64')
    socket.write(
      `GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Key: ${key}\r\nSec-WebSocket-Version: 13\r\n\r\n`,
    )
    const answer = await new Promise<string>((resolve, reject) => {
      socket.once('error', reject)
      socket.once('data', (chunk: Buffer) => resolve(chunk.toString('latin1')))
    })
    socket.removeAllListeners('error').on('error', () => socket.destroy())
    if (!answer.startsWith('HTTP/1.1 101') || !answer.endsWith('\r\n\r\n')) {
      socket.destroy()
      throw new Error(`The server did not upgrade the connection: ${answer.slice(0, 80)}`)
    }
    return new LoadSocket(socket, onMessage)
  }

  /** Sends bytes that are frames already, see {@link frame}. */
  write(frames: Uint8Array): void {
    this.#socket.write(frames)
  }

  /** Ends the connection. */
  close(): void {
    this.#socket.destroy()
  }

  #take(arrived: Buffer): void {
    const chunk = this.#rest === undefined ? arrived : Buffer.concat([this.#rest, arrived])
    this.#rest = undefined
    let at = 0
    for (;;) {
      const short = chunk[at + 1] ?? 0
      const head = short < 126 ? 2 : 4
      if (chunk.length - at < head) break
      if (short > 126) throw new Error('The server sent a message of 64 KiB or more.')
      const bytes = short < 126 ? short : chunk.readUInt16BE(at + 2)
      const end = at + head + bytes
      if (end > chunk.length) break
      this.#onMessage(chunk, at + head, end)
      at = end
    }
    if (at < chunk.length) this.#rest = chunk.subarray(at)
  }
}

/** A client's frame around a message. The mask is zero: it costs the server the same and the client nothing. */
export function frame(message: Uint8Array): Buffer {
  const long = message.length >= 126
  const head = Buffer.alloc(long ? 8 : 6)
  head[0] = 0x82
  head[1] = 0x80 | (long ? 126 : message.length)
  if (long) head.writeUInt16BE(message.length, 2)
  return Buffer.concat([head, message])
}
