import type { ClientClock } from './client-clock.ts'

/** Intervals without a byte from the server after which it counts as dead; the gate judges clients the same way. */
export const silentIntervalsMax = 3

/** What {@link Heartbeat} needs from its connection. */
export interface HeartbeatHost {
  sendHeartbeat(): void
  onSilence(silentMs: number): void
}

/**
 * Keeps a connection alive and notices when the other side is not: sends a heartbeat each interval, and reports a
 * server from which nothing at all has come for three of them. It never answers a heartbeat with one, so two sides
 * that echo cannot start a storm.
 */
export class Heartbeat {
  readonly #intervalMs: number
  readonly #clock: ClientClock
  readonly #host: HeartbeatHost
  #timer: { cancel(): void } | undefined
  #lastTrafficMs = 0

  constructor(intervalMs: number, clock: ClientClock, host: HeartbeatHost) {
    this.#intervalMs = intervalMs
    this.#clock = clock
    this.#host = host
  }

  /** Begins to beat. An interval of 0 means that the server wants none. */
  start(): void {
    this.sawTraffic()
    if (this.#intervalMs > 0) this.#arm()
  }

  /** Anything received is a sign of life. */
  sawTraffic(): void {
    this.#lastTrafficMs = this.#clock.monotonicMs()
  }

  stop(): void {
    this.#timer?.cancel()
    this.#timer = undefined
  }

  #arm(): void {
    this.#timer = this.#clock.after(this.#intervalMs, () => this.#beat())
  }

  #beat(): void {
    const silentMs = this.#clock.monotonicMs() - this.#lastTrafficMs
    if (silentMs >= silentIntervalsMax * this.#intervalMs) {
      this.#timer = undefined
      this.#host.onSilence(silentMs)
      return
    }
    this.#arm()
    this.#host.sendHeartbeat()
  }
}
