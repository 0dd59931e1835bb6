import { packetType } from '@hydra/protocol'
import { Inbox } from './inbox.ts'
import { LoadSocket } from './web-socket.ts'

/** A connection that is ready for requests, and how to write one. */
export interface LoadTarget {
  readonly port: number
  /** Brings a connection to where requests can be sent. */
  readonly prepare?: (connection: PreparedConnection, index: number) => Promise<void>
  /** The frame of a request under an id of 1 to 127, which is the message's second byte behind the packet header. */
  readonly request: (id: number) => Buffer
}

/** What preparing a connection works with. */
export interface PreparedConnection {
  write(frames: Uint8Array): void
  /** The next message, copied. */
  next(): Promise<Buffer>
}

/** How much load. */
export interface LoadShape {
  readonly connections: number
  /** Requests that each connection has under way at any time. */
  readonly inFlight: number
}

/** What was answered while it was measured. */
export interface LoadResult {
  readonly requests: number
  readonly seconds: number
  /** Of every request, in milliseconds, unordered. */
  readonly latenciesMs: Float64Array
}

/** Behind packet header (4) and flag (1). */
const idOffset = 5
/** Latencies kept; later ones replace a random earlier one (reservoir sampling, Vitter's algorithm R). */
const samplesMax = 200_000
const noBytes = Buffer.alloc(0)

/**
 * Keeps so many requests under way on so many connections: each answer is followed by the next request, and the
 * requests that follow the answers of one chunk leave in one write, as from many players behind one socket each.
 */
export class ClosedLoop {
  readonly #target: LoadTarget
  readonly #sockets: LoadSocket[] = []
  readonly #begins: (() => void)[] = []
  readonly #samples = new Float64Array(samplesMax)
  #answered = 0
  #running = false

  constructor(target: LoadTarget) {
    this.#target = target
  }

  /** Opens and prepares the connections, a few at a time. */
  async open({ connections, inFlight }: LoadShape): Promise<void> {
    const frames = Array.from({ length: inFlight + 1 }, (_, id) =>
      id === 0 ? noBytes : this.#target.request(id),
    )
    let index = 0
    const worker = async () => {
      while (index < connections) await this.#openOne(index++, frames)
    }
    await Promise.all(Array.from({ length: Math.min(16, connections) }, worker))
  }

  /** Starts all requests. */
  start(): void {
    this.#running = true
    for (const begin of this.#begins) begin()
  }

  /** Measures for a while what goes through; call it as often as needed. */
  async measure(durationMs: number): Promise<LoadResult> {
    this.#answered = 0
    const startMs = performance.now()
    await new Promise((resolve) => setTimeout(resolve, durationMs))
    const requests = this.#answered
    return {
      requests,
      seconds: (performance.now() - startMs) / 1_000,
      latenciesMs: this.#samples.slice(0, Math.min(requests, samplesMax)),
    }
  }

  close(): void {
    this.#running = false
    for (const socket of this.#sockets) socket.close()
  }

  async #openOne(index: number, frames: readonly Buffer[]): Promise<void> {
    const inbox = new Inbox()
    const sentAtMs = new Float64Array(frames.length)
    let outgoing: number[] = []
    let loaded = false
    const flush = () => {
      if (outgoing.length === 0) return
      const nowMs = performance.now()
      for (const id of outgoing) {
        sentAtMs[id] = nowMs
        socket.write(frames[id] ?? noBytes)
      }
      outgoing = []
    }
    const socket = await LoadSocket.open(this.#target.port, (chunk, start, end) => {
      const type = chunk[start]
      if (type !== packetType.data && (loaded || type !== packetType.handshake)) return
      if (!loaded) return void inbox.put(Buffer.from(chunk.subarray(start, end)))
      const id = chunk[start + idOffset] ?? 0
      if (id === 0 || id >= frames.length) return
      this.#note(performance.now() - (sentAtMs[id] ?? 0))
      if (!this.#running) return
      if (outgoing.length === 0) queueMicrotask(flush)
      outgoing.push(id)
    })
    this.#sockets.push(socket)
    const next = () => inbox.next()
    await this.#target.prepare?.({ write: (bytes) => socket.write(bytes), next }, index)
    loaded = true
    this.#begins.push(() => {
      outgoing.push(...frames.keys())
      outgoing.shift()
      flush()
    })
  }

  #note(latencyMs: number): void {
    const count = this.#answered++
    const slot = count < samplesMax ? count : Math.floor(Math.random() * (count + 1))
    if (slot < samplesMax) this.#samples[slot] = latencyMs
  }
}
