import { packetType } from '@hydra/protocol'
import type { LoadTarget } from '../load/closed-loop.ts'
import { Inbox } from '../load/inbox.ts'
import { LoadSocket } from '../load/web-socket.ts'

/** Where the listeners connect: evenly to all ports. */
export interface AudienceTarget {
  readonly ports: readonly number[]
  /** Brings a connection to where it hears the world. */
  readonly prepare?: NonNullable<LoadTarget['prepare']>
}

/** Behind the packet header; the kind of a message stands in bits 1 to 3, push is 3. */
const flagOffset = 4
const pushKind = 3
const openingAtOnce = 32
const hearTimeoutMs = 10_000

/** Many connections that hear the same, one of which speaks. */
export class Audience {
  readonly #sockets: LoadSocket[] = []
  #heard = 0
  #heardByAll: (() => void) | undefined
  /** Of the last message heard. */
  messageBytes = 0

  static async open(target: AudienceTarget, connections: number): Promise<Audience> {
    const audience = new Audience()
    let index = 0
    const worker = async () => {
      while (index < connections) await audience.#openOne(target, index++)
    }
    try {
      await Promise.all(Array.from({ length: Math.min(openingAtOnce, connections) }, worker))
    } catch (error) {
      audience.close()
      throw error
    }
    return audience
  }

  get size(): number {
    return this.#sockets.length
  }

  /** Has the first connection send a frame; resolves when all have heard what comes of it. @throws Error after 10 s. */
  async say(frame: Uint8Array): Promise<void> {
    this.#heard = 0
    await new Promise<void>((resolve, reject) => {
      const timer = setTimeout(() => {
        reject(new Error(`Only ${this.#heard} of ${this.size} have heard it after ${hearTimeoutMs} ms.`))
      }, hearTimeoutMs)
      this.#heardByAll = () => {
        clearTimeout(timer)
        resolve()
      }
      this.#sockets[0]?.write(frame)
    })
  }

  close(): void {
    for (const socket of this.#sockets) socket.close()
  }

  async #openOne({ ports, prepare }: AudienceTarget, index: number): Promise<void> {
    const inbox = new Inbox()
    let listening = false
    const socket = await LoadSocket.open(ports[index % ports.length] ?? 0, (chunk, start, end) => {
      const type = chunk[start]
      if (type !== packetType.data && (listening || type !== packetType.handshake)) return
      const isPush = type === packetType.data && (((chunk[start + flagOffset] ?? 0) >> 1) & 7) === pushKind
      if (isPush) this.#note(end - start)
      else if (!listening) inbox.put(Buffer.from(chunk.subarray(start, end)))
    })
    this.#sockets.push(socket)
    const next = () => inbox.next()
    await prepare?.({ write: (bytes) => socket.write(bytes), next }, index)
    listening = true
  }

  #note(bytes: number): void {
    this.#heard++
    this.messageBytes = bytes
    if (this.#heard === this.size) this.#heardByAll?.()
  }
}
