import type { ChatMessage } from '@hydra/protocol'

/** Numbers of messages, both ends included. */
export interface SeqRange {
  readonly from: number
  readonly to: number
}

/** A page of history after a number. */
export interface HistoryPage {
  readonly messages: readonly ChatMessage[]
  /** Whether there are more after these. */
  readonly hasMore: boolean
  /** Number of the newest message of the channel. */
  readonly lastSeq: number
  /** Of numbers up to this one that are missing nobody can say whether they were given out. */
  readonly baseSeq?: number | undefined
}

/** What a {@link MessageSequence} tells, in order. */
export interface SequenceListener {
  onMessages(messages: readonly ChatMessage[]): void
  onLost(range: SeqRange): void
}

/** Puts the messages of one channel in order, whatever way and in what order they come. No I/O: it is told everything. */
export class MessageSequence {
  readonly #listener: SequenceListener
  readonly #aheadMax: number
  /** Pushed, but not next. */
  readonly #ahead = new Map<number, ChatMessage>()
  /** Deleted before they were passed on: an answer that was under way still has their text. */
  readonly #deletedAhead = new Set<number>()
  #batch: ChatMessage[] = []
  #next: number | undefined
  #newest = 0
  #base = 0

  constructor(options: { next: number | undefined; aheadMax: number; listener: SequenceListener }) {
    this.#next = options.next
    this.#aheadMax = options.aheadMax
    this.#listener = options.listener
  }

  /** Number of the message that comes next; `undefined`: the first page decides. */
  get next(): number | undefined {
    return this.#next
  }

  /** Number of the newest message that is known to have been there. */
  get newest(): number {
    return this.#newest
  }

  /** Whether messages are known of that have not been passed on. */
  get isBehind(): boolean {
    return this.#next === undefined || this.#newest >= this.#next
  }

  /** Forgets everything: the first page decides where to begin. */
  reset(): void {
    this.#next = undefined
    this.#newest = 0
    this.#ahead.clear()
    this.#deletedAhead.clear()
  }

  /** A message of this number has been stored. */
  note(seq: number): void {
    this.#newest = Math.max(this.#newest, seq)
  }

  /** A message was pushed. At the bound of those that are not next all of them are dropped: the history has them. */
  push(message: ChatMessage): void {
    const { seq } = message
    this.note(seq)
    if (this.#next === undefined || seq > this.#next) {
      if (this.#ahead.size >= this.#aheadMax && !this.#ahead.has(seq)) this.#ahead.clear()
      this.#ahead.set(seq, message)
      return
    }
    if (seq < this.#next) return
    this.#take(message)
    this.#takeAhead(seq)
    this.#flush()
  }

  /**
   * A page was read: the latest when {@link next} was `undefined`, else the one from `next` on.
   *
   * @param known {@link newest} when it was asked for: what is newer may have been stored after the page was made.
   */
  addPage({ messages, hasMore, lastSeq, baseSeq = 0 }: HistoryPage, known: number): void {
    this.#base = baseSeq
    const isFirst = this.#next === undefined
    const settled = Math.min(known, lastSeq)
    this.#next ??= messages[0]?.seq ?? settled + 1
    for (const message of messages) {
      // A page is never older than a push: who has not heard of the deletion sees it here.
      if (message.deleted === true && this.#ahead.has(message.seq)) this.#ahead.set(message.seq, message)
      this.#takeAhead(message.seq - 1)
      if (message.seq >= this.#next) this.#take(message)
    }
    if (isFirst || !hasMore) this.#takeAhead(settled)
    else this.#takeAhead(this.#next - 1)
    this.note(lastSeq)
    this.#flush()
  }

  /** Notes a deletion. `true`: of a message that has been passed on; else it will be passed on as deleted. */
  delete(seq: number): boolean {
    if (this.#next !== undefined && seq < this.#next) return true
    if (this.#deletedAhead.size >= this.#aheadMax) {
      const [oldest = seq] = this.#deletedAhead
      this.#deletedAhead.delete(oldest)
    }
    this.#deletedAhead.add(seq)
    return false
  }

  /** Passes on everything up to a number; what is not ahead is lost. Then whatever follows without a gap. */
  #takeAhead(to: number): void {
    const waiting = [...this.#ahead.keys()].sort((a, b) => a - b)
    for (const seq of waiting) {
      const next = this.#next ?? seq
      if (seq > to && seq > next) break
      const message = this.#ahead.get(seq)
      this.#ahead.delete(seq)
      if (message === undefined || seq < next) continue
      this.#lose(seq - 1)
      this.#take(message)
    }
    this.#lose(to)
  }

  #lose(to: number): void {
    const from = this.#next
    if (from === undefined || from > to) return
    this.#flush()
    this.#next = to + 1
    // Without those that were passed over when the log was lost.
    const lost = Math.max(from, this.#base + 1)
    if (lost <= to) this.#listener.onLost({ from: lost, to })
  }

  #take(message: ChatMessage): void {
    this.#next = message.seq + 1
    const isDeleted = this.#deletedAhead.delete(message.seq)
    this.#batch.push(isDeleted ? { ...message, text: '', deleted: true } : message)
  }

  #flush(): void {
    const batch = this.#batch
    this.#batch = []
    if (batch.length > 0) this.#listener.onMessages(batch)
  }
}
