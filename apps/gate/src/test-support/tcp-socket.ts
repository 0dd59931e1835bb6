import { EventEmitter } from 'node:events'
import { connect, type Socket } from 'node:net'
import { disconnectReason, kickBody, packetHeaderBytes, PacketReader, packetType } from '@hydra/protocol'
import { disconnects } from '../session/disconnects.ts'

/**
 * Plain TCP with the face of a WebSocket, so that one test client speaks both. A stream has no close frame: the code
 * and the reason of its close are those of the kick that came before it.
 */
export class TcpSocket extends EventEmitter {
  readonly CONNECTING = 0
  readonly OPEN = 1
  readyState = this.CONNECTING
  readonly #socket: Socket
  #end = { code: 1006, reason: '' }

  constructor(port: number) {
    super()
    this.#socket = connect({ port, host: '127.0.0.1', noDelay: true })
    const packets = new PacketReader({ maxBodyBytes: 1 << 24 })
    this.#socket.on('connect', () => {
      this.readyState = this.OPEN
      this.emit('open')
    })
    this.#socket.on('data', (chunk: Buffer) => {
      packets.push(chunk, (_, bytes) => this.#take(Buffer.from(bytes)))
    })
    this.#socket.on('error', (error) => this.emit('error', error))
    this.#socket.on('close', () => {
      this.readyState = 3
      this.emit('close', this.#end.code, Buffer.from(this.#end.reason))
    })
  }

  send(bytes: Uint8Array | string): void {
    this.#socket.write(bytes)
  }

  pause(): void {
    this.#socket.pause()
  }

  resume(): void {
    this.#socket.resume()
  }

  terminate(): void {
    this.#socket.destroy()
  }

  close(): void {
    this.#socket.end()
  }

  #take(packet: Buffer): void {
    if (packet[0] === packetType.kick) {
      const { code } = kickBody.parse(JSON.parse(packet.toString('utf8', packetHeaderBytes)))
      const reason = disconnectReason.parse(code)
      this.#end = { code: disconnects[reason].closeCode, reason }
    }
    this.emit('message', packet)
  }
}
