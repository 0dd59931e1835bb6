import { packetType, routes } from '@hydra/protocol'
import type { PreparedConnection } from '../load/closed-loop.ts'
import { requestFrame } from '../load/player.ts'
import { Inbox } from '../load/inbox.ts'
import { LoadSocket } from '../load/web-socket.ts'

/** Where the crowd connects: evenly to all ports. */
export interface CrowdTarget {
  readonly ports: readonly number[]
  /** Brings a connection to where it hears the world. */
  readonly prepare: (connection: PreparedConnection, index: number) => Promise<void>
}

/** What was said and heard while it was measured. */
export interface CrowdFigures {
  readonly messages: number
  readonly deliveries: number
  readonly seconds: number
  /** From a request to its message at a listener, of every {@link listenedTo}th listener; in order. */
  readonly latenciesMs: Float64Array
}

/** Behind the packet header; the kind of a message stands in bits 1 to 3: 2 is a response, 3 a push. */
const flagOffset = 4
const openingAtOnce = 32
/** Looking into a message costs more than counting it, so only some listeners do. */
const listenedTo = 25
/** Around the time in a text: a message is found to be ours, and when it was sent, without decoding it. */
const mark = '@'
const samplesMax = 500_000

/** Many connections in one channel, some of which speak: each says the next as soon as the last one is acknowledged. */
export class Crowd {
  readonly #sockets: LoadSocket[] = []
  readonly #samples: number[] = []
  #speakers = 0
  #messages = 0
  #deliveries = 0

  static async open(target: CrowdTarget, connections: number): Promise<Crowd> {
    const crowd = new Crowd()
    let index = 0
    const worker = async () => {
      while (index < connections) await crowd.#openOne(target, index++)
    }
    try {
      await Promise.all(Array.from({ length: Math.min(openingAtOnce, connections) }, worker))
    } catch (error) {
      crowd.close()
      throw error
    }
    return crowd
  }

  /** Has so many speak, without end. */
  start(speakers: number): void {
    this.#speakers = speakers
    for (let index = 0; index < speakers; index++) this.#speak(index)
  }

  /** What is under way is still acknowledged; nothing follows it. */
  stop(): void {
    this.#speakers = 0
  }

  async measure(durationMs: number): Promise<CrowdFigures> {
    this.#messages = 0
    this.#deliveries = 0
    this.#samples.length = 0
    const startMs = performance.now()
    await new Promise((resolve) => setTimeout(resolve, durationMs))
    return {
      messages: this.#messages,
      deliveries: this.#deliveries,
      seconds: (performance.now() - startMs) / 1_000,
      latenciesMs: Float64Array.from(this.#samples).sort(),
    }
  }

  close(): void {
    for (const socket of this.#sockets) socket.close()
  }

  #speak(index: number): void {
    if (index >= this.#speakers) return
    const text = `${mark}${performance.now().toFixed(2)}${mark} The gates have fallen.`
    this.#sockets[index]?.write(requestFrame(routes.chat.channel.send, { channel: 'world', text }, 1))
  }

  async #openOne({ ports, prepare }: CrowdTarget, index: number): Promise<void> {
    const inbox = new Inbox()
    let ready = false
    const socket = await LoadSocket.open(ports[index % ports.length] ?? 0, (chunk, start, end) => {
      const type = chunk[start]
      if (!ready) {
        if (type === packetType.data || type === packetType.handshake)
          inbox.put(Buffer.from(chunk.subarray(start, end)))
        return
      }
      if (type !== packetType.data) return
      const flag = chunk[start + flagOffset] ?? 0
      const kind = (flag >> 1) & 7
      if (kind === 3) this.#hear(index, chunk, start, end)
      else if (kind === 2) this.#acknowledged(index, flag)
    })
    this.#sockets[index] = socket
    const next = () => inbox.next()
    await prepare({ write: (bytes) => socket.write(bytes), next }, index)
    ready = true
  }

  #acknowledged(index: number, flag: number): void {
    if ((flag & 0x20) !== 0)
      throw new Error('A message was refused; what is measured would not be what is said.')
    this.#messages++
    this.#speak(index)
  }

  #hear(index: number, chunk: Buffer, start: number, end: number): void {
    this.#deliveries++
    if (index % listenedTo !== 0 || this.#samples.length >= samplesMax) return
    const [, sentAt] = chunk.toString('latin1', start, end).split(mark)
    const sentAtMs = Number(sentAt)
    if (sentAtMs > 0) this.#samples.push(performance.now() - sentAtMs)
  }
}
