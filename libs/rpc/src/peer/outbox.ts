import { HydraError } from '@hydra/protocol'
import type { Clock, SparseLog, Timer } from '@hydra/runtime'
import type { Bus } from '../bus/bus.ts'
import { payloadTooLarge } from '../bus/bus-errors.ts'
import { Batch } from './batch.ts'
import type { Sender } from './frame.ts'
import { batchHeadBytes, encodeBatch } from './frame-writer.ts'
import type { HeldFrames, OutgoingFrame } from './held-frames.ts'
import type { RpcMetrics } from './rpc-metrics.ts'

/** What an outbox needs. */
export interface OutboxOptions {
  readonly self: Sender
  readonly bus: Bus
  readonly clock: Clock
  readonly warn: SparseLog
  readonly metrics: RpcMetrics
  /** Size at which a batch is closed; lowered to what the bus takes. */
  readonly maxBatchBytes: number
  /** How long calls to a busy server may gather, in milliseconds; 0: never beyond the turn. */
  readonly maxGatherMs: number
  /** Where frames wait while the bus is not connected. */
  readonly held: HeldFrames
  /** Told which calls did not reach their target, and why. */
  readonly onUndelivered: (callIds: readonly number[], error: HydraError) => void
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
 *
 * While the bus is not connected, frames that may wait are held and leave first when it is again; others fail.
 */
export class Outbox {
  readonly #options: OutboxOptions
  readonly #maxBatchBytes: number
  readonly #headBytes: number
  #queue: (Batch | Single)[] = []
  /** The batch of each destination that more frames may join. */
  readonly #open = new Map<string, Batch>()
  #queuedBytes = 0
  #turnEnd: NodeJS.Immediate | undefined
  #gatherEnd: Timer | undefined

  constructor(options: OutboxOptions) {
    this.#options = options
    this.#maxBatchBytes = Math.min(options.maxBatchBytes, options.bus.maxPayloadBytes)
    this.#headBytes = batchHeadBytes(options.self)
  }

  /**
   * Adds a frame to the batch of its destination.
   *
   * @throws HydraError `PAYLOAD_TOO_LARGE` when the frame alone exceeds what the bus takes, `SERVER_BUSY` when it
   * would have to wait and no more may.
   */
  add(out: OutgoingFrame): void {
    const { bus, held } = this.#options
    if (out.bytes + this.#headBytes > bus.maxPayloadBytes)
      throw payloadTooLarge(out.bytes, bus.maxPayloadBytes - this.#headBytes)
    if (out.waits && !bus.connected) {
      // What was gathering when the connection broke comes before it.
      this.flush()
      held.add(out)
    } else {
      this.#join(out)
    }
  }

  /** Sends what was held; the bus is connected again. */
  release(): void {
    for (const out of this.#options.held.release()) this.#join(out)
  }

  #join(out: OutgoingFrame): void {
    const { subject, bytes } = out
    let batch = this.#open.get(subject)
    if (batch === undefined || batch.bytes + bytes > this.#maxBatchBytes) {
      if (batch !== undefined) batch.closed = true
      batch = new Batch(subject, this.#headBytes)
      this.#open.set(subject, batch)
      this.#queue.push(batch)
    }
    batch.add(out)
    this.#grow(bytes)
  }

  /** Sends a message of its own. @throws HydraError `PAYLOAD_TOO_LARGE`. */
  addSingle(subject: string, payload: Uint8Array): void {
    const { maxPayloadBytes } = this.#options.bus
    if (payload.length > maxPayloadBytes) throw payloadTooLarge(payload.length, maxPayloadBytes)
    for (const batch of this.#open.values()) batch.closed = true
    this.#open.clear()
    this.#queue.push({ subject, payload })
    this.#grow(payload.length)
  }

  /** Answers have come: what waited for them leaves with what else is sent in this turn. */
  answered(): void {
    if (this.#gatherEnd !== undefined) this.#scheduleTurnEnd()
  }

  /** Hands everything to the bus now. */
  flush(): void {
    const queue = this.#queue
    this.#queue = []
    this.#open.clear()
    this.#queuedBytes = 0
    this.#unschedule()
    for (const message of queue) this.#send(message)
  }

  #grow(bytes: number): void {
    this.#queuedBytes += bytes
    if (this.#queuedBytes > fullBatchesHeld * this.#maxBatchBytes) this.flush()
    else this.#scheduleTurnEnd()
  }

  #scheduleTurnEnd(): void {
    this.#turnEnd ??= setImmediate(() => this.#endTurn())
  }

  /** Sends what need not wait; the rest when it has been answered for, or its time is over. */
  #endTurn(): void {
    this.#turnEnd = undefined
    const { clock, maxGatherMs } = this.#options
    const waiting = maxGatherMs === 0 ? [] : this.#queue.filter(mayWait)
    if (waiting.length === 0) return this.flush()
    // Started with the first that waits: others that join later wait less, never longer.
    this.#gatherEnd ??= clock.after(maxGatherMs, () => this.flush())
    if (waiting.length === this.#queue.length) return
    const leaving = this.#queue.filter((message) => !mayWait(message))
    this.#queue = waiting
    this.#queuedBytes = waiting.reduce((sum, { bytes }) => sum + bytes, 0)
    this.#open.clear()
    for (const batch of waiting) this.#open.set(batch.subject, batch)
    for (const message of leaving) this.#send(message)
  }

  #unschedule(): void {
    if (this.#turnEnd !== undefined) clearImmediate(this.#turnEnd)
    this.#gatherEnd?.cancel()
    this.#turnEnd = undefined
    this.#gatherEnd = undefined
  }

  #send(message: Batch | Single): void {
    if (message instanceof Batch) this.#sendBatch(message)
    else this.#sendSingle(message)
  }

  #sendBatch({ subject, frames, bytes }: Batch): void {
    const { self, bus, metrics, onUndelivered } = this.#options
    try {
      const payload = encodeBatch(self, frames, bytes)
      const callIds = callIdsOf(frames)
      if (callIds.length === 0) bus.publish(subject, payload)
      else bus.publish(subject, payload, { onNoResponders: () => onUndelivered(callIds, nobodyThere()) })
      metrics.batchFrames.observe(frames.length)
      metrics.sentBytes.inc(payload.length)
    } catch (thrown) {
      this.#onUnsent(subject, frames, thrown)
    }
  }

  /** The connection broke between adding and sending, or the bus has too much to send. */
  #onUnsent(subject: string, frames: readonly OutgoingFrame[], thrown: unknown): void {
    const { bus, held, onUndelivered } = this.#options
    const failed = frames.filter((out) => {
      if (bus.connected || !out.waits) return true
      try {
        held.add(out)
        return false
      } catch {
        // Told below: it is one of those that failed.
        return true
      }
    })
    if (failed.length === 0) return
    this.#noteUnsent(subject, thrown, failed.length)
    onUndelivered(callIdsOf(failed), HydraError.from(thrown))
  }

  #sendSingle({ subject, payload }: Single): void {
    try {
      this.#options.bus.publish(subject, payload)
      this.#options.metrics.sentBytes.inc(payload.length)
    } catch (thrown) {
      this.#noteUnsent(subject, thrown, 1)
    }
  }

  #noteUnsent(subject: string, err: unknown, count: number): void {
    this.#options.metrics.dropped.inc({ reason: 'unsent' }, count)
    this.#options.warn({ subject, err }, 'messages to other servers were not sent')
  }
}

const mayWait = (message: Batch | Single): message is Batch => message instanceof Batch && message.mayWait

const nobodyThere = () =>
  new HydraError('SERVER_GONE', 'Nobody listens where the server should be; it has ended.')

const callIdsOf = (frames: readonly OutgoingFrame[]): readonly number[] =>
  frames.flatMap(({ callId }) => (callId === undefined ? [] : [callId]))
