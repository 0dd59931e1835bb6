import Denque from 'denque'
import type { TopicMessage } from '@hydra/rpc'

/** A push that was published, kept for those that may have missed it. */
interface Kept {
  /** Order of publishing over all topics. */
  readonly seq: number
  readonly message: TopicMessage
  readonly bytes: number
}

/** What was published in one topic while somebody here could ask for it again. */
interface Track {
  /** How many so far; the last of them has this number. */
  count: number
  /** The latest of them that are still kept. */
  readonly kept: Denque<Kept>
  readers: number
}

/** The part of a topic that a session was sent: after the first `from` of its pushes, up to `to`. */
interface Span {
  readonly track: Track
  readonly from: number
  to: number | undefined
}

/** Spans of topics that were left; beyond that only their number is remembered. */
const closedSpansMax = 32
/** What an entry costs besides its bodies. */
const overheadBytes = 128

/** What one session has been sent; it belongs to {@link ReplayLog}. */
export class PushReader {
  readonly open = new Map<string, Span>()
  readonly closed: Span[] = []
  /** Pushes of spans that are not remembered any more. */
  earlier = 0
}

/**
 * The latest pushes of a gate, for clients that lost their connection and come back. There is one log for all, however
 * many sessions read a topic: a session remembers only where it began to read which topic, and its client how many
 * pushes it has received. What is missing between the two is looked up when a client returns, so that publishing
 * stays one native call.
 */
export class ReplayLog {
  readonly #maxBytes: number
  readonly #tracks = new Map<string, Track>()
  /** Whose entry is the next oldest. */
  readonly #order = new Denque<Track>()
  #bytes = 0
  #seq = 0

  /** `maxBytes`: of bodies that are kept; the oldest go first. */
  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes
  }

  /** Bytes that are kept. */
  get bytes(): number {
    return this.#bytes
  }

  /** From now on the reader's session is sent what is published in the topic. Joining twice does nothing. */
  join(reader: PushReader, topic: string): void {
    if (reader.open.has(topic)) return
    const track = this.#tracks.get(topic) ?? { count: 0, kept: new Denque<Kept>(), readers: 0 }
    this.#tracks.set(topic, track)
    track.readers++
    reader.open.set(topic, { track, from: track.count, to: undefined })
  }

  /** The reader's session is not sent the topic any more. */
  leave(reader: PushReader, topic: string): void {
    const span = reader.open.get(topic)
    if (span === undefined) return
    const { track } = span
    reader.open.delete(topic)
    span.to = track.count
    if (span.to > span.from) reader.closed.push(span)
    if (reader.closed.length > closedSpansMax) reader.earlier += lengthOf(reader.closed.shift())
    if (--track.readers === 0) this.#tracks.delete(topic)
  }

  /** Leaves everything: this session will not come back. */
  forget(reader: PushReader): void {
    for (const topic of reader.open.keys()) this.leave(reader, topic)
    reader.closed.length = 0
  }

  /** Notes what is being published, if somebody could miss it. */
  note(topic: string, { push, bodies: { json, msgpack } }: TopicMessage): void {
    const track = this.#tracks.get(topic)
    if (track === undefined) return
    track.count++
    const bytes = json.length + msgpack.length + overheadBytes
    // Copies: the bodies may be views of a far larger message of the bus.
    const message = { push, bodies: { json: json.slice(), msgpack: msgpack.slice() } }
    track.kept.push({ seq: ++this.#seq, message, bytes })
    this.#order.push(track)
    this.#bytes += bytes
    while (this.#bytes > this.#maxBytes)
      this.#bytes -= this.#order.shift()?.kept.shift()?.bytes ?? this.#bytes
  }

  /**
   * What a session was sent after the first `received` pushes, in order; `undefined` when that is not known any more, or
   * when it was never sent so many.
   */
  missed(reader: PushReader, received: number): readonly TopicMessage[] | undefined {
    const spans = [...reader.closed, ...reader.open.values()]
    const count = spans.reduce((sum, span) => sum + lengthOf(span), reader.earlier) - received
    if (count < 0) return undefined
    // The oldest are dropped first, over all topics: so many of the latest are complete, or there are fewer.
    const latest = spans.flatMap((span) => tailOf(span, count)).sort((a, b) => a.seq - b.seq)
    if (latest.length < count) return undefined
    return latest.slice(latest.length - count).map(({ message }) => message)
  }
}

const lengthOf = (span: Span | undefined): number =>
  span === undefined ? 0 : (span.to ?? span.track.count) - span.from

/** The last pushes of a span that are kept, `max` at most. */
function tailOf({ track, from, to = track.count }: Span, max: number): Kept[] {
  const { kept, count } = track
  const firstKept = count - kept.length
  const start = Math.max(from, to - max, firstKept)
  return Array.from({ length: Math.max(0, to - start) }, (_, i) => kept.peekAt(start - firstKept + i)).filter(
    (one) => one !== undefined,
  )
}
