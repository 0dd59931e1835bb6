import type { TopicOrder } from '../peer.ts'

/** Sequences of one topic that are remembered; beyond that, the one that was silent the longest is forgotten. */
const sequencesMax = 1_024

/**
 * What a gate has delivered of the sequences of one topic. Several servers may publish one sequence, or one again that
 * it cannot know to have arrived: members get each number at most once, and none after a larger one. What is left out
 * that way they find where the sequence is kept.
 */
export class TopicSequences {
  // Ordered by last use, since each use removes and re-inserts its sequence.
  readonly #lastSeqs = new Map<string, number>()

  /** Whether a push is the next one, or a later one, of its sequence; it counts as delivered then. */
  isNext({ sequence, seq }: TopicOrder): boolean {
    const last = this.#lastSeqs.get(sequence)
    if (last !== undefined && seq <= last) return false
    this.#lastSeqs.delete(sequence)
    this.#lastSeqs.set(sequence, seq)
    if (this.#lastSeqs.size > sequencesMax) {
      const oldest = this.#lastSeqs.keys().next()
      if (oldest.done !== true) this.#lastSeqs.delete(oldest.value)
    }
    return true
  }
}
