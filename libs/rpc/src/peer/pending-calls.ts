import { HydraError } from '@hydra/protocol'
import type { Clock, Span, Timer } from '@hydra/runtime'
import type { ReplyFrame } from './frame.ts'
import type { OutgoingCall } from './interceptors.ts'
import type { Link } from './link.ts'

/** Told how a call ended: one of the two is called, once. */
export interface ReplyListener {
  onReply(reply: ReplyFrame): void
  onFailure(error: HydraError): void
}

/** A call that has been sent. */
export interface PendingCall {
  readonly link: Link
  readonly route: string
  readonly timeoutMs: number
  /** When it was made, by the monotonic clock. */
  readonly startedMs: number
  readonly listener: ReplyListener
  /** What interceptors see of it, when there are any. */
  readonly outgoing: OutgoingCall | undefined
  /** Open until it ends, when there is tracing. */
  readonly span: Span | undefined
}

/** What waiting for replies needs. */
export interface PendingCallsOptions {
  readonly clock: Clock
  readonly maxCalls: number
  /** Told of each call that ends with a failure of its own, not with a reply. */
  readonly onFailed: (call: PendingCall, error: HydraError) => void
}

/** How late a deadline may be noticed: those that are close together share a timer. */
const graceMs = 10
const largestCallId = 0xffff_ffff

/**
 * Calls that wait for their reply. One timer runs, to the earliest deadline; when it fires all calls are looked
 * through. Nearly every call is answered long before that, so that the timer rarely fires and no call pays for it.
 */
export class PendingCalls {
  readonly #options: PendingCallsOptions
  readonly #calls = new Map<number, PendingCall>()
  #lastId = 0
  #timer: Timer | undefined
  #timerMs = Number.POSITIVE_INFINITY

  constructor(options: PendingCallsOptions) {
    this.#options = options
  }

  get size(): number {
    return this.#calls.size
  }

  /**
   * Notes a call and gives it an id that no other waiting call has.
   *
   * @throws HydraError `SERVER_BUSY` when as many wait as may.
   */
  add(call: PendingCall): number {
    const { maxCalls } = this.#options
    if (this.#calls.size >= maxCalls) {
      const message = `${maxCalls} calls wait for an answer, as many as may; ${call.route} was not sent.`
      throw new HydraError('SERVER_BUSY', message)
    }
    do {
      this.#lastId = this.#lastId === largestCallId ? 1 : this.#lastId + 1
    } while (this.#calls.has(this.#lastId))
    this.#calls.set(this.#lastId, call)
    call.link.outstanding++
    const deadlineMs = call.startedMs + call.timeoutMs
    if (deadlineMs + graceMs < this.#timerMs) this.#setTimer(deadlineMs)
    return this.#lastId
  }

  /** Takes the call that a reply answers; nothing when nobody waits for it, or not for this sender. */
  take(from: string, id: number): PendingCall | undefined {
    const call = this.#calls.get(id)
    if (call?.link.id !== from) return undefined
    this.#calls.delete(id)
    call.link.outstanding--
    return call
  }

  /** Ends one call without a reply. */
  fail(id: number, error: HydraError): void {
    const call = this.#calls.get(id)
    if (call === undefined) return
    this.#calls.delete(id)
    call.link.outstanding--
    this.#options.onFailed(call, error)
    call.listener.onFailure(error)
  }

  /** Ends all calls to a server, or to every server. */
  failAll(makeError: (target: string) => HydraError, target?: string): void {
    for (const [id, call] of this.#calls) {
      if (target === undefined || call.link.id === target) this.fail(id, makeError(call.link.id))
    }
  }

  /** Stops the timer; nothing may wait any more. */
  close(): void {
    this.#timer?.cancel()
    this.#timer = undefined
  }

  #setTimer(deadlineMs: number): void {
    const { clock } = this.#options
    this.#timer?.cancel()
    this.#timerMs = deadlineMs + graceMs
    this.#timer = clock.after(Math.max(1, this.#timerMs - clock.monotonicMs()), () => this.#expire())
  }

  #expire(): void {
    const nowMs = this.#options.clock.monotonicMs()
    let nextMs = Number.POSITIVE_INFINITY
    for (const [id, call] of this.#calls) {
      const deadlineMs = call.startedMs + call.timeoutMs
      if (deadlineMs <= nowMs) this.fail(id, timedOut(call))
      else if (deadlineMs < nextMs) nextMs = deadlineMs
    }
    this.#timerMs = Number.POSITIVE_INFINITY
    if (nextMs < Number.POSITIVE_INFINITY) this.#setTimer(nextMs)
  }
}

const timedOut = ({ route, link, timeoutMs }: PendingCall): HydraError =>
  new HydraError('TIMEOUT', `${route}: ${link.id} did not answer in ${timeoutMs} ms.`, {
    metadata: { route, server: link.id, timeoutMs },
  })
