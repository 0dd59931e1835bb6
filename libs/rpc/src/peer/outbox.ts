import { HydraError } from '@hydra/protocol'
import type { Bus } from '../bus/bus.ts'
import { payloadTooLarge } from '../bus/bus-errors.ts'
import { batchOverheadBytes, encodeBatch, type Sender, type WireFrame } from './frame.ts'
import type { RpcMetrics } from './rpc-metrics.ts'
import type { SparseLog } from '../sparse-log.ts'

/** What an outbox needs. */
export interface OutboxOptions {
  readonly self: Sender
  readonly bus: Bus
  readonly warn: SparseLog
  readonly metrics: RpcMetrics
  /** Size at which a batch is closed; lowered to what the bus takes. */
  readonly maxBatchBytes: number
  /** Told which calls did not reach their target, and why. */
  readonly onUndelivered: (callIds: readonly number[], error: HydraError) => void
}

interface Batch {
  readonly subject: string
  readonly frames: WireFrame['fields'][]
  readonly callIds: number[]
  bytes: number
}

/** A message that is no batch but must keep its place among them. */
interface Single {
  readonly subject: string
  readonly payload: Uint8Array
}

/** So many full batches are sent at once instead of waiting for the end of the turn. */
const fullBatchesHeld = 4

/**
 * Collects what is sent during one turn of the event loop and hands it to the bus at its end: all frames to one
 * destination as one message. A single message closes the batches before it, so that a push made before a response
 * is also received before it, and the other way round.
 */
export class Outbox {
  readonly #options: OutboxOptions
  readonly #maxBatchBytes: number
  #queue: (Batch | Single)[] = []
  /** The batch of each destination that more frames may join. */
  readonly #open = new Map<string, Batch>()
  #queuedBytes = 0
  #scheduled: NodeJS.Immediate | undefined

  constructor(options: OutboxOptions) {
    this.#options = options
    this.#maxBatchBytes = Math.min(options.maxBatchBytes, options.bus.maxPayloadBytes)
  }

  /**
   * Adds a frame to the batch of its destination. `callId` names the call that fails when the frame does not arrive.
   *
   * @throws HydraError `PAYLOAD_TOO_LARGE` when the frame alone exceeds what the bus takes.
   */
  add(subject: string, frame: WireFrame, callId?: number): void {
    const { maxPayloadBytes } = this.#options.bus
    if (frame.maxBytes + batchOverheadBytes > maxPayloadBytes)
      throw payloadTooLarge(frame.maxBytes, maxPayloadBytes - batchOverheadBytes)
    let batch = this.#open.get(subject)
    if (batch === undefined || batch.bytes + frame.maxBytes > this.#maxBatchBytes) {
      batch = { subject, frames: [], callIds: [], bytes: batchOverheadBytes }
      this.#open.set(subject, batch)
      this.#queue.push(batch)
    }
    batch.frames.push(frame.fields)
    batch.bytes += frame.maxBytes
    if (callId !== undefined) batch.callIds.push(callId)
    this.#grow(frame.maxBytes)
  }

  /** Sends a message of its own. @throws HydraError `PAYLOAD_TOO_LARGE`. */
  addSingle(subject: string, payload: Uint8Array): void {
    const { maxPayloadBytes } = this.#options.bus
    if (payload.length > maxPayloadBytes) throw payloadTooLarge(payload.length, maxPayloadBytes)
    this.#open.clear()
    this.#queue.push({ subject, payload })
    this.#grow(payload.length)
  }

  /** Hands everything to the bus now. */
  flush(): void {
    if (this.#scheduled !== undefined) clearImmediate(this.#scheduled)
    this.#scheduled = undefined
    const queue = this.#queue
    this.#queue = []
    this.#open.clear()
    this.#queuedBytes = 0
    for (const message of queue) {
      if ('frames' in message) this.#sendBatch(message)
      else this.#sendSingle(message)
    }
  }

  #grow(bytes: number): void {
    this.#queuedBytes += bytes
    if (this.#queuedBytes > fullBatchesHeld * this.#maxBatchBytes) this.flush()
    else this.#scheduled ??= setImmediate(() => this.flush())
  }

  #sendBatch({ subject, frames, callIds }: Batch): void {
    const { self, bus, metrics, onUndelivered } = this.#options
    try {
      const payload = encodeBatch(self, frames)
      if (callIds.length === 0) bus.publish(subject, payload)
      else bus.publish(subject, payload, { onNoResponders: () => onUndelivered(callIds, nobodyThere()) })
      metrics.batchFrames.observe(frames.length)
      metrics.sentBytes.inc(undefined, payload.length)
    } catch (thrown) {
      this.#noteUnsent(subject, thrown, frames.length)
      onUndelivered(callIds, HydraError.from(thrown))
    }
  }

  #sendSingle({ subject, payload }: Single): void {
    try {
      this.#options.bus.publish(subject, payload)
      this.#options.metrics.sentBytes.inc(undefined, payload.length)
    } catch (thrown) {
      this.#noteUnsent(subject, thrown, 1)
    }
  }

  #noteUnsent(subject: string, err: unknown, count: number): void {
    this.#options.metrics.dropped.inc({ reason: 'unsent' }, count)
    this.#options.warn({ subject, err }, 'messages to other servers were not sent')
  }
}

const nobodyThere = () =>
  new HydraError('SERVER_GONE', 'Nobody listens where the server should be; it has ended.')
