import { silentLogger, withSpan, type Logger, type Metrics } from '@hydra/runtime'
import type { Bus, BusListener, BusSubscription, PublishOptions, SubscribeOptions } from './bus.ts'
import { bufferFull, notConnected, payloadTooLarge } from './bus-errors.ts'
import { observeBus } from './bus-metrics.ts'

/** What a memory bus can be given; every field has a default. */
export interface MemoryBusOptions {
  readonly log?: Logger
  readonly metrics?: Metrics
  /** Largest payload; that of a NATS server as it comes, 1 MiB, when absent. */
  readonly maxPayloadBytes?: number
  /** Most bytes published and not yet delivered, `SERVER_BUSY` beyond; 64 MiB when absent. */
  readonly maxBufferedBytes?: number
}

interface Subscriber {
  readonly listener: BusListener
  readonly queue: string | undefined
}

interface Message {
  readonly subject: string
  readonly payload: Uint8Array
  readonly onNoResponders: (() => void) | undefined
}

/**
 * The bus of a single process: the promises of NATS without a server.
 *
 * @example const bus = createMemoryBus()
 */
export function createMemoryBus(options: MemoryBusOptions = {}): Bus {
  return new MemoryBus(options)
}

class MemoryBus implements Bus {
  readonly maxPayloadBytes: number
  readonly #maxBufferedBytes: number
  readonly #log: Logger
  readonly #subscribers = new Map<string, Subscriber[]>()
  readonly #connectedListeners = new Set<(connected: boolean) => void>()
  #bufferedBytes = 0
  #turn = 0
  #closing: Promise<void> | undefined

  constructor(options: MemoryBusOptions) {
    this.maxPayloadBytes = options.maxPayloadBytes ?? 1024 * 1024
    this.#maxBufferedBytes = options.maxBufferedBytes ?? 64 * 1024 * 1024
    this.#log = options.log ?? silentLogger
    if (options.metrics !== undefined) {
      observeBus(options.metrics, {
        connected: () => this.connected,
        bufferedBytes: () => this.#bufferedBytes,
      })
    }
  }

  get connected(): boolean {
    return this.#closing === undefined
  }

  publish(subject: string, payload: Uint8Array, options?: PublishOptions): void {
    if (this.#closing !== undefined) throw notConnected('in-process')
    if (payload.length > this.maxPayloadBytes) throw payloadTooLarge(payload.length, this.maxPayloadBytes)
    if (this.#bufferedBytes + payload.length > this.#maxBufferedBytes)
      throw bufferFull('in-process', this.#maxBufferedBytes)
    this.#bufferedBytes += payload.length
    // The publisher may reuse its buffer; a Buffer's own slice() would only be a view.
    const message = { subject, payload: new Uint8Array(payload), onNoResponders: options?.onNoResponders }
    // Whoever listens goes on for itself, not in the span of the publisher.
    withSpan(undefined, () => setImmediate(() => this.#deliver(message)))
  }

  subscribe(subject: string, listener: BusListener, options?: SubscribeOptions): Promise<BusSubscription> {
    if (this.#closing !== undefined) return Promise.reject(notConnected('in-process'))
    const subscriber: Subscriber = { listener, queue: options?.queue }
    // Lists are replaced, never changed: a delivery that is under way keeps the one it started with.
    this.#subscribers.set(subject, [...(this.#subscribers.get(subject) ?? []), subscriber])
    return Promise.resolve({ unsubscribe: () => this.#remove(subject, subscriber) })
  }

  onConnectedChange(listener: (connected: boolean) => void): () => void {
    this.#connectedListeners.add(listener)
    return () => void this.#connectedListeners.delete(listener)
  }

  flush(): Promise<void> {
    return new Promise((resolve) => setImmediate(resolve))
  }

  close(): Promise<void> {
    if (this.#closing === undefined) {
      this.#closing = this.flush().then(() => this.#subscribers.clear())
      for (const listener of this.#connectedListeners) listener(false)
      this.#connectedListeners.clear()
    }
    return this.#closing
  }

  #remove(subject: string, subscriber: Subscriber): void {
    const left = (this.#subscribers.get(subject) ?? []).filter((other) => other !== subscriber)
    if (left.length === 0) this.#subscribers.delete(subject)
    else this.#subscribers.set(subject, left)
  }

  #deliver({ subject, payload, onNoResponders }: Message): void {
    this.#bufferedBytes -= payload.length
    const subscribers = this.#subscribers.get(subject)
    if (subscribers === undefined) {
      if (onNoResponders !== undefined) this.#guard(subject, onNoResponders)
      return
    }
    let bytes: Uint8Array | undefined = payload
    for (const subscriber of subscribers) {
      if (subscriber.queue !== undefined && !this.#isTurnOf(subscriber, subscribers)) continue
      // Each listener owns its bytes; the first takes the copy that publish made.
      const own = bytes ?? new Uint8Array(payload)
      bytes = undefined
      this.#guard(subject, () => subscriber.listener(own, subject))
    }
    this.#turn = (this.#turn + 1) % Number.MAX_SAFE_INTEGER
  }

  #isTurnOf(subscriber: Subscriber, subscribers: readonly Subscriber[]): boolean {
    const group = subscribers.filter((other) => other.queue === subscriber.queue)
    return group[this.#turn % group.length] === subscriber
  }

  #guard(subject: string, run: () => void): void {
    try {
      run()
    } catch (err) {
      this.#log.error({ subject, err }, 'a bus listener threw')
    }
  }
}
