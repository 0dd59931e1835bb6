import { HydraError } from '@hydra/protocol'
import type { ClientClock } from './client-clock.ts'

/** The body of a response before it is decoded, and whether it carries an error. */
export interface Answer {
  readonly error: boolean
  readonly body: Uint8Array
}

interface Pending {
  readonly resolve: (answer: Answer) => void
  readonly reject: (error: HydraError) => void
  readonly timer: { cancel(): void }
}

/** Four varint bytes; enough to make a reused id a matter of days, and safe for servers that count in 32 bits. */
const idMax = 2 ** 28 - 1

/** The requests of one connection that wait for their answer: bounded, each with its deadline. */
export class PendingRequests {
  readonly #byId = new Map<number, Pending>()
  readonly #maxPending: number
  readonly #clock: ClientClock
  #lastId = 0

  constructor(options: { maxPending: number; clock: ClientClock }) {
    this.#maxPending = options.maxPending
    this.#clock = options.clock
  }

  get size(): number {
    return this.#byId.size
  }

  /**
   * Opens a request. The answer rejects with `TIMEOUT` at the deadline.
   *
   * @throws HydraError `SERVER_BUSY` when as many requests are waiting as may wait.
   */
  open(route: string, timeoutMs: number): { id: number; answer: Promise<Answer> } {
    if (this.#byId.size >= this.#maxPending) {
      throw new HydraError(
        'SERVER_BUSY',
        `${route} was not sent: ${this.#byId.size} requests wait for answers on this connection already.`,
      )
    }
    const id = this.#nextId()
    const answer = new Promise<Answer>((resolve, reject) => {
      const timer = this.#clock.after(timeoutMs, () => {
        this.#byId.delete(id)
        reject(new HydraError('TIMEOUT', `${route} was not answered within ${timeoutMs} ms.`))
      })
      this.#byId.set(id, { resolve, reject, timer })
    })
    return { id, answer }
  }

  /** Answers a request. `false`: none of this id waits; it timed out, or never was. */
  settle(id: number, answer: Answer): boolean {
    const pending = this.#take(id)
    pending?.resolve(answer)
    return pending !== undefined
  }

  /** Fails one request, for example because it could not be sent. */
  fail(id: number, error: HydraError): void {
    this.#take(id)?.reject(error)
  }

  /** Fails all requests. */
  failAll(error: HydraError): void {
    for (const id of this.#byId.keys()) this.fail(id, error)
  }

  #take(id: number): Pending | undefined {
    const pending = this.#byId.get(id)
    pending?.timer.cancel()
    this.#byId.delete(id)
    return pending
  }

  #nextId(): number {
    do this.#lastId = this.#lastId >= idMax ? 1 : this.#lastId + 1
    while (this.#byId.has(this.#lastId))
    return this.#lastId
  }
}
