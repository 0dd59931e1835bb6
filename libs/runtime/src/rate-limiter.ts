import type { Clock } from './clock.ts'

/** How much and how fast. */
export interface RateLimiterOptions {
  readonly clock: Clock
  /** How many at once, after a pause. */
  readonly burst: number
  /** How many per minute in the long run. */
  readonly perMinute: number
  /** How many keys are remembered; beyond that, the one that asked longest ago is forgotten. */
  readonly keysMax: number
}

interface Bucket {
  tokens: number
  atMs: number
}

/**
 * A token bucket per key. Memory is bounded by `keysMax`; a key that is forgotten starts with a full bucket again.
 *
 * @example
 * const perAddress = new RateLimiter({ clock, burst: 10, perMinute: 30, keysMax: 100_000 })
 * if (perAddress.take(address) > 0) throw new HydraError('RATE_LIMITED', 'Too many attempts.')
 */
export class RateLimiter {
  readonly #clock: Clock
  readonly #burst: number
  readonly #perMs: number
  readonly #keysMax: number
  // Ordered by last use, since each use removes and re-inserts its key.
  readonly #buckets = new Map<string, Bucket>()

  constructor({ clock, burst, perMinute, keysMax }: RateLimiterOptions) {
    if (!(burst >= 1 && perMinute > 0 && keysMax >= 1))
      throw new RangeError('a rate limit must let something through')
    this.#clock = clock
    this.#burst = burst
    this.#perMs = perMinute / 60_000
    this.#keysMax = keysMax
  }

  /** How many keys are remembered. */
  get size(): number {
    return this.#buckets.size
  }

  /** Takes one from the key's bucket: 0 when it was there, else after how many milliseconds it will be. */
  take(key: string): number {
    const nowMs = this.#clock.monotonicMs()
    const bucket = this.#buckets.get(key) ?? { tokens: this.#burst, atMs: nowMs }
    this.#buckets.delete(key)
    this.#buckets.set(key, bucket)
    if (this.#buckets.size > this.#keysMax) this.#forgetOldest()
    bucket.tokens = Math.min(this.#burst, bucket.tokens + (nowMs - bucket.atMs) * this.#perMs)
    bucket.atMs = nowMs
    if (bucket.tokens < 1) return Math.ceil((1 - bucket.tokens) / this.#perMs)
    bucket.tokens -= 1
    return 0
  }

  #forgetOldest(): void {
    const oldest = this.#buckets.keys().next()
    if (oldest.done !== true) this.#buckets.delete(oldest.value)
  }
}
