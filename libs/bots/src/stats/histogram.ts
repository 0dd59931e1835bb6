/** Each bucket is a tenth wider than the one before it: that is how exact a quantile is. */
const growth = 1.1
const leastMs = 0.05
const bucketCount = 160
const logGrowth = Math.log(growth)

/**
 * Durations in a fixed number of buckets, however many are noted: from 50 µs to 3 minutes, exact to a tenth. What is
 * longer counts in the last bucket.
 *
 * @example histogram.note(12.5); histogram.quantile(0.99) // 13.0…
 */
export class Histogram {
  readonly #buckets = new Float64Array(bucketCount)
  #count = 0
  #sumMs = 0
  #maxMs = 0

  get count(): number {
    return this.#count
  }

  get maxMs(): number {
    return this.#maxMs
  }

  /** 0 when nothing was noted. */
  get meanMs(): number {
    return this.#count === 0 ? 0 : this.#sumMs / this.#count
  }

  note(ms: number): void {
    const bucket = ms <= leastMs ? 0 : Math.ceil(Math.log(ms / leastMs) / logGrowth)
    const index = Math.min(bucket, bucketCount - 1)
    this.#buckets[index] = (this.#buckets[index] ?? 0) + 1
    this.#count++
    this.#sumMs += ms
    this.#maxMs = Math.max(this.#maxMs, ms)
  }

  /** So many milliseconds, or less, did this share of all take: at most a tenth too large. 0 when nothing was noted. */
  quantile(share: number): number {
    const wanted = Math.max(1, Math.ceil(this.#count * share))
    let seen = 0
    for (const [index, count] of this.#buckets.entries()) {
      seen += count
      if (seen >= wanted) return this.#endMs(index)
    }
    return 0
  }

  /**
   * The buckets that hold something, in order: how many were noted that took up to so many milliseconds, and longer than
   * the bucket before allows. The last one ends at {@link maxMs}.
   *
   * @example for (const { upToMs, count } of histogram.buckets()) console.log(`${upToMs.toFixed(1)} ms: ${count}`)
   */
  *buckets(): Generator<{ readonly upToMs: number; readonly count: number }> {
    for (const [index, count] of this.#buckets.entries()) {
      if (count > 0) yield { upToMs: this.#endMs(index), count }
    }
  }

  /** Adds what another one has noted. */
  add(other: Histogram): void {
    for (const [index, count] of other.#buckets.entries())
      this.#buckets[index] = (this.#buckets[index] ?? 0) + count
    this.#count += other.#count
    this.#sumMs += other.#sumMs
    this.#maxMs = Math.max(this.#maxMs, other.#maxMs)
  }

  #endMs(index: number): number {
    return index === bucketCount - 1 ? this.#maxMs : Math.min(leastMs * growth ** index, this.#maxMs)
  }
}
