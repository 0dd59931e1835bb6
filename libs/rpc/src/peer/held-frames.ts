import { HydraError } from '@hydra/protocol'
import type { Clock } from '@hydra/runtime'
import type { Frame } from './frame.ts'
import type { Link } from './link.ts'

/** A frame on its way out. */
export interface OutgoingFrame {
  readonly subject: string
  readonly frame: Frame
  /** What it takes in a batch. */
  readonly bytes: number
  /** After this, by the monotonic clock, nobody waits for it. */
  readonly deadlineMs: number
  /** Whether it may wait for a lost connection; else it is failed at once. */
  readonly waits: boolean
  /** The call that fails when the frame does not arrive. */
  readonly callId?: number | undefined
  /** Of a request or notify: the server that it is for. A reply has none: it never waits for another. */
  readonly link?: Link | undefined
}

/**
 * Frames that wait for the bus to be connected again, in the order in which they were sent, at most so many bytes of
 * them. What has passed its deadline meanwhile is left out.
 */
export class HeldFrames {
  readonly #clock: Clock
  readonly #maxBytes: number
  #frames: OutgoingFrame[] = []
  #bytes = 0

  constructor(clock: Clock, maxBytes: number) {
    this.#clock = clock
    this.#maxBytes = maxBytes
  }

  get bytes(): number {
    return this.#bytes
  }

  /** @throws HydraError `SERVER_BUSY` when as much waits as may. */
  add(frame: OutgoingFrame): void {
    if (this.#bytes + frame.bytes > this.#maxBytes) this.#dropLate()
    if (this.#bytes + frame.bytes > this.#maxBytes) {
      const message = `${this.#bytes} bytes wait for the connection to the cluster, as many as may; try later.`
      throw new HydraError('SERVER_BUSY', message, { metadata: { maxBytes: this.#maxBytes } })
    }
    this.#frames.push(frame)
    this.#bytes += frame.bytes
  }

  /** Hands over all that somebody still waits for, with the time that is left for it. */
  release(): readonly OutgoingFrame[] {
    this.#dropLate()
    const nowMs = this.#clock.monotonicMs()
    const frames = this.#frames.map((held) =>
      held.frame.kind === 'request'
        ? { ...held, frame: { ...held.frame, remainingMs: held.deadlineMs - nowMs } }
        : held,
    )
    this.#frames = []
    this.#bytes = 0
    return frames
  }

  #dropLate(): void {
    const nowMs = this.#clock.monotonicMs()
    this.#frames = this.#frames.filter(({ deadlineMs }) => deadlineMs > nowMs)
    this.#bytes = this.#frames.reduce((sum, { bytes }) => sum + bytes, 0)
  }
}
