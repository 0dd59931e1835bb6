import type { Link } from './link.ts'
import type { OutgoingFrame } from './held-frames.ts'

/** Calls under way to a server below which the next one does not wait for them: a few slow ones delay nobody. */
const lonelyCalls = 3

/** Frames on their way to one destination, which become one bus message. */
export class Batch {
  readonly subject: string
  readonly frames: OutgoingFrame[] = []
  bytes: number
  /** No more frames may join, and it does not wait: a message behind it must not overtake it. */
  closed = false
  #calls = 0
  #link: Link | undefined
  #hasReply = false

  /** `headBytes`: what a batch takes without frames. */
  constructor(subject: string, headBytes: number) {
    this.subject = subject
    this.bytes = headBytes
  }

  add(out: OutgoingFrame): void {
    this.frames.push(out)
    this.bytes += out.bytes
    if (out.callId !== undefined) this.#calls++
    if (out.link === undefined) this.#hasReply = true
    else this.#link = out.link
  }

  /**
   * Whether more may gather in it while the batch before it is not answered. A busy server is sent the next batch when
   * it has answered the last: batches grow with the load by themselves, and each process wakes up once for many calls.
   * Replies never wait.
   *
   * Source: Nagle's algorithm, RFC 896, with calls in place of bytes.
   */
  get mayWait(): boolean {
    if (this.closed || this.#hasReply || this.#link === undefined) return false
    return this.#link.outstanding - this.#calls > lonelyCalls
  }
}
