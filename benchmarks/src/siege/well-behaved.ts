import { packetType, routes } from '@hydra/protocol'
import { enterAsPlayer, requestFrame } from '../load/player.ts'
import { LoadSocket } from '../load/web-socket.ts'

/** As often as somebody plays who presses keys as fast as he can; below the rate limit. */
const intervalMs = 25
/** Ids of one byte, each with a request of its own under way. */
const ids = 100
/** Behind packet header (4) and flag (1). */
const idOffset = 5
/** How long the last answers may take. */
const lastAnswersMs = 2_000

/** How a player was served. */
export interface Service {
  readonly requests: number
  readonly unanswered: number
  /** From the moment at which each request was due to its answer, ascending. */
  readonly latenciesMs: readonly number[]
}

/** A player who does nothing wrong and notes how long it waits. */
export class WellBehaved {
  readonly #socket: LoadSocket
  readonly #dueMs = new Float64Array(ids + 1)
  #latenciesMs: number[] = []
  #waiting: ((message: Buffer) => void) | undefined
  #sent = 0

  private constructor(socket: LoadSocket) {
    this.#socket = socket
  }

  /** Logs in and enters; then fills the world channel, whose history is what slow readers ask for. */
  static async enter(port: number, token: string, name: string, messages: number): Promise<WellBehaved> {
    let player: WellBehaved | undefined
    const inbox: Buffer[] = []
    const socket = await LoadSocket.open(port, (chunk, start, end) => {
      const message = Buffer.from(chunk.subarray(start, end))
      if (player === undefined) inbox.push(message)
      else player.#receive(message)
    })
    player = new WellBehaved(socket)
    const prepared = {
      write: (bytes: Uint8Array) => socket.write(bytes),
      next: () => new Promise<Buffer>((resolve) => (player.#waiting = resolve)),
    }
    await enterAsPlayer(prepared, token, name)
    const text = '敵'.repeat(500)
    for (let i = 0; i < messages; i++) {
      const answered = prepared.next()
      socket.write(requestFrame(routes.chat.channel.send, { channel: 'world', text }, 1))
      await answered
    }
    return player
  }

  /** Plays for a while. Requests are sent when they are due, whatever became of those before. */
  async play(durationMs: number): Promise<Service> {
    this.#latenciesMs = []
    this.#sent = 0
    const startMs = performance.now()
    await new Promise<void>((resolve) => {
      const timer = setInterval(() => {
        const nowMs = performance.now()
        for (let dueMs = startMs + this.#sent * intervalMs; dueMs <= nowMs; dueMs += intervalMs)
          this.#ask(dueMs)
        if (nowMs - startMs < durationMs) return
        clearInterval(timer)
        resolve()
      }, 5)
    })
    const endMs = performance.now() + lastAnswersMs
    while (this.#latenciesMs.length < this.#sent && performance.now() < endMs) {
      await new Promise((resolve) => setTimeout(resolve, 5))
    }
    const latenciesMs = this.#latenciesMs.toSorted((a, b) => a - b)
    return { requests: this.#sent, unanswered: this.#sent - latenciesMs.length, latenciesMs }
  }

  close(): void {
    this.#socket.close()
  }

  #ask(dueMs: number): void {
    const id = 1 + (this.#sent++ % ids)
    this.#dueMs[id] = dueMs
    this.#socket.write(requestFrame(routes.game.role.ping, {}, id))
  }

  #receive(message: Buffer): void {
    if (message[0] !== packetType.data && message[0] !== packetType.handshake) return
    // Low bits of the flag: 4 is a response. What is said in the world channel is a push.
    if (message[0] === packetType.data && ((message[4] ?? 0) & 0x0e) !== 0x04) return
    const waiting = this.#waiting
    this.#waiting = undefined
    if (waiting !== undefined) return waiting(message)
    this.#latenciesMs.push(performance.now() - (this.#dueMs[message[idOffset] ?? 0] ?? 0))
  }
}
