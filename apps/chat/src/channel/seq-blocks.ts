import type { ChatArchive } from '@hydra/persistence'

/** What this server knows of the numbers of a channel. */
export interface SeqBlock {
  readonly ceiling: number
  /** Only of a block that has not been used: where a log begins that knows nothing of the channel. */
  readonly floor?: number
  /** The last one that it has seen given out: a log that has lost its latest writes must not give it out again. */
  readonly knownSeq?: number
}

/** Channels whose blocks are remembered; a block that was forgotten is simply reserved anew. */
const channelsMax = 100_000

/**
 * The numbers that this server may give out, channel by channel. They are reserved in the database before they are
 * used, so that a channel whose log is lost goes on behind every number that it has ever given out.
 */
export class SeqBlocks {
  readonly #chatArchive: Pick<ChatArchive, 'reserve'>
  readonly #reserveSeqs: number
  // Ordered by last use, since each use removes and re-inserts its channel.
  readonly #blocks = new Map<string, SeqBlock>()

  constructor(options: { readonly chatArchive: Pick<ChatArchive, 'reserve'>; readonly reserveSeqs: number }) {
    this.#chatArchive = options.chatArchive
    this.#reserveSeqs = options.reserveSeqs
  }

  /**
   * The block of a channel, reserved at the first time. Once it is in use it has no floor: other servers may have given
   * out numbers behind it since, and a log that was lost meanwhile must not begin there again.
   *
   * @throws HydraError `STORAGE_UNAVAILABLE`.
   */
  async of(channel: string): Promise<SeqBlock> {
    const known = this.#blocks.get(channel)
    if (known === undefined) return this.next(channel)
    this.#note(channel, known)
    return known
  }

  /** Another block, behind `lastSeq`. @throws HydraError `STORAGE_UNAVAILABLE`. */
  async next(channel: string, lastSeq?: number): Promise<SeqBlock> {
    const { floor, ceiling } = await this.#chatArchive.reserve(channel, this.#reserveSeqs, lastSeq)
    const block = { ...this.#blocks.get(channel), floor, ceiling }
    this.#note(channel, block)
    return block
  }

  /** A number was given out. */
  saw(channel: string, seq: number): void {
    const block = this.#blocks.get(channel)
    if (block === undefined) return
    const { ceiling, knownSeq = 0 } = block
    this.#blocks.set(channel, { ceiling, knownSeq: Math.max(knownSeq, seq) })
  }

  #note(channel: string, block: SeqBlock): void {
    this.#blocks.delete(channel)
    this.#blocks.set(channel, block)
    if (this.#blocks.size <= channelsMax) return
    const oldest = this.#blocks.keys().next()
    if (oldest.done !== true) this.#blocks.delete(oldest.value)
  }
}
