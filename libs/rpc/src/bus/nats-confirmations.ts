import type { NatsConnection } from 'nats'
import { notConnected } from './bus-errors.ts'

/** So many bytes are sent before the server is asked whether they have arrived. */
const askEachBytes = 1024 * 1024

/**
 * Knows what the server has taken. The client library buffers without limit and its `flush()` never ends when the
 * connection is closed meanwhile, so that both are watched here.
 */
export class NatsConfirmations {
  readonly #connection: NatsConnection
  readonly #waiting = new Set<() => void>()
  #unconfirmedBytes = 0
  #asked = false
  #closed = false

  constructor(connection: NatsConnection) {
    this.#connection = connection
    void this.#awaitClose()
  }

  /** Bytes sent that may still lie in a buffer; the newest of them may not have been asked about. */
  get unconfirmedBytes(): number {
    return this.#unconfirmedBytes
  }

  noteSent(bytes: number): void {
    this.#unconfirmedBytes += bytes
    if (this.#unconfirmedBytes < askEachBytes || this.#asked) return
    this.#asked = true
    const askedBytes = this.#unconfirmedBytes
    void this.flush().then(
      () => this.#noteAnswer(askedBytes),
      // The connection broke: what was in its buffers is gone.
      () => this.#noteAnswer(this.#unconfirmedBytes),
    )
  }

  /** Resolves when the server has everything sent so far. @throws HydraError `SERVER_GONE` when the connection breaks. */
  flush(): Promise<void> {
    return new Promise((resolve, reject) => {
      const fail = (cause?: unknown) => {
        this.#waiting.delete(fail)
        reject(notConnected('NATS', cause))
      }
      if (this.#closed) return fail()
      this.#waiting.add(fail)
      const arrived = () => {
        this.#waiting.delete(fail)
        resolve()
      }
      this.#connection.flush().then(arrived, fail)
    })
  }

  /**
   * Resolves when the server knows the subscriptions made so far, after a reconnect if need be: the client sends
   * them again by itself.
   *
   * @throws HydraError `SERVER_GONE` when the connection is closed.
   */
  async confirm(): Promise<void> {
    for (;;) {
      try {
        return await this.flush()
      } catch (error) {
        // A closed client refuses at once: going on would spin without ever letting the socket close.
        if (this.#closed || this.#connection.isClosed()) throw error
      }
    }
  }

  async #awaitClose(): Promise<void> {
    await this.#connection.closed()
    this.#closed = true
    for (const fail of this.#waiting) fail()
  }

  #noteAnswer(bytes: number): void {
    this.#asked = false
    this.#unconfirmedBytes -= bytes
  }
}
