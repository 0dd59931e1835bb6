import { HydraError, limits, pushes, routes, type ChatMessage } from '@hydra/protocol'
import type { ChannelFeedOptions } from './channel-feed-options.ts'
import { systemClock, type ClientClock } from './client-clock.ts'
import { MessageSequence } from './message-sequence.ts'

const { history, join } = routes.chat.channel

/** A channel as a client shows it. Made by {@link createChannelFeed}. */
export interface ChannelFeed {
  /** Full name of the channel, as in pushes; `undefined` until the server has told it. */
  readonly channel: string | undefined
  /** Number of the last message passed on, passed over, or lost; `undefined` until there is one. */
  readonly seq: number | undefined
  /**
   * Joins again and reads what was missed: to be called when the role has been entered after a lost connection, and when
   * it has come to another alliance or team, which otherwise shows with the first message there.
   */
  resync(): void
  /** Ends it: nothing is told any more. */
  close(): void
}

/** Tries in a row of one request; then {@link ChannelFeedOptions.onError} is told. */
const attemptsMax = 8
const pauseMinMs = 250
const pauseMaxMs = 10_000
/** Deletions that are kept until the channel is known: the latest. */
const earlyMax = 100
/** {@link ChannelFeedOptions.quietMs} when absent. */
const quietDefaultMs = 120_000

/**
 * Shows a channel completely, in order, without gaps or repetitions, whatever becomes of pushes and connections. Gaps
 * that a push or an answer reveals are filled from the history, page by page; requests that fail are sent again after
 * growing pauses where that can help.
 *
 * @example
 * const feed = createChannelFeed({ client, channel: 'world', onMessages: (messages) => show(messages) })
 * // after client.reconnect() and, unless that has resumed, game.role.enter:
 * feed.resync()
 */
export function createChannelFeed(options: ChannelFeedOptions): ChannelFeed {
  return new Feed(options)
}

class Feed implements ChannelFeed {
  readonly #options: ChannelFeedOptions
  readonly #pageMax: number
  readonly #clock: ClientClock
  readonly #random: () => number
  readonly #sequence: MessageSequence
  readonly #stops: readonly (() => void)[]
  #channel: string | undefined
  /** Deletions heard of before it was known which channel this is. */
  #early: readonly { readonly channel: string; readonly seq: number }[] = []
  #mustJoin = true
  /** Pushes from before the join was answered may have been missed; only the history knows. */
  #mustRead = true
  #isFilling = false
  #isClosed = false
  #attempts = 0
  #resyncs = 0
  /** After giving up: pushes do not make it try again before. */
  #restUntilMs = 0
  #endPause: (() => void) | undefined
  #quiet: { cancel(): void } | undefined

  constructor(options: ChannelFeedOptions) {
    const { client, afterSeq, aheadMax = 200, pageMax = limits.chatHistoryPageMax } = options
    this.#options = options
    this.#pageMax = Math.min(pageMax, limits.chatHistoryPageMax)
    this.#clock = options.clock ?? systemClock
    this.#random = options.random ?? Math.random
    this.#sequence = new MessageSequence({
      next: afterSeq === undefined ? undefined : afterSeq + 1,
      aheadMax,
      listener: {
        onMessages: (messages) => this.#show(messages),
        onLost: (range) => this.#tell(() => options.onLost?.(range)),
      },
    })
    this.#stops = [
      client.on(pushes.chat.channel.message, (message) => this.#onMessage(message)),
      client.on(pushes.chat.channel.deleted, (deleted) => this.#onDeleted(deleted)),
    ]
    this.#wake()
    this.#listen()
  }

  get channel(): string | undefined {
    return this.#channel
  }

  get seq(): number | undefined {
    const { next } = this.#sequence
    return next === undefined ? undefined : next - 1
  }

  resync(): void {
    this.#resyncs++
    this.#mustJoin = true
    this.#attempts = 0
    this.#restUntilMs = 0
    this.#endPause?.()
    this.#wake()
  }

  close(): void {
    this.#isClosed = true
    for (const stop of this.#stops) stop()
    this.#endPause?.()
    this.#quiet?.cancel()
  }

  #onMessage(message: ChatMessage): void {
    if (message.channel !== this.#channel) return this.#follow(message.channel)
    this.#sequence.push(message)
    this.#wake()
    this.#listen()
  }

  /** One's own alliance, team or shard is another one by now if something is said there. */
  #follow(channel: string): void {
    const { channel: name } = this.#options
    if (this.#channel === undefined || name.includes('-') || !channel.startsWith(`${name}-`)) return
    this.#mustJoin = true
    this.#wake()
  }

  /** Looks into the history when nothing has been heard for long, and again after as long. */
  #listen(): void {
    const { quietMs = quietDefaultMs } = this.#options
    if (quietMs === 0 || this.#isClosed) return
    this.#quiet?.cancel()
    this.#quiet = this.#clock.after(quietMs * (0.75 + this.#random() / 2), () => {
      this.#mustRead = true
      this.#wake()
      this.#listen()
    })
  }

  #onDeleted(deleted: { readonly channel: string; readonly seq: number }): void {
    if (this.#channel === undefined) this.#early = [...this.#early, deleted].slice(-earlyMax)
    if (deleted.channel !== this.#channel) return
    if (this.#sequence.delete(deleted.seq)) this.#tell(() => this.#options.onDeleted?.(deleted))
  }

  #show(messages: readonly ChatMessage[]): void {
    const { muted, onMessages } = this.#options
    const shown = muted === undefined ? messages : messages.filter(({ from }) => !muted.has(from.rid))
    if (shown.length > 0) this.#tell(() => onMessages(shown))
  }

  /** What the application throws must not keep the feed from going on; it surfaces as what it is. */
  #tell(listener: () => void): void {
    if (this.#isClosed) return
    try {
      listener()
    } catch (error) {
      queueMicrotask(() => {
        throw error
      })
    }
  }

  get #isIncomplete(): boolean {
    return this.#mustJoin || this.#mustRead || this.#sequence.isBehind
  }

  #wake(): void {
    if (this.#isFilling || this.#isClosed || !this.#isIncomplete) return
    if (this.#clock.monotonicMs() < this.#restUntilMs) return
    this.#isFilling = true
    this.#attempts = 0
    void this.#fill()
  }

  /** One request after the other until nothing is missing, or it cannot go on. Never rejects. */
  async #fill(): Promise<void> {
    while (!this.#isClosed && this.#isIncomplete) {
      const resyncs = this.#resyncs
      try {
        if (this.#mustJoin) await this.#join()
        else await this.#read()
      } catch (thrown) {
        // Asked to begin again meanwhile: what has failed belongs to a connection of the past.
        if (resyncs !== this.#resyncs) continue
        const error = HydraError.from(thrown)
        this.#attempts++
        if (!this.#canTryAgain(error)) {
          this.#restUntilMs = this.#clock.monotonicMs() + pauseMaxMs
          this.#isFilling = false
          this.#tell(() => this.#options.onError?.(error))
          return
        }
        await this.#pause()
      }
    }
    this.#isFilling = false
  }

  async #join(): Promise<void> {
    const { client, channel } = this.#options
    const { next } = this.#sequence
    this.#mustJoin = false
    let answer
    try {
      answer = await client.request(join, { channel })
    } catch (error) {
      this.#mustJoin = true
      throw error
    }
    if (this.#isClosed) return
    this.#mustRead = true
    const isOther = this.#channel !== undefined && answer.channel !== this.#channel
    // What had been passed on before it was asked is not there: the log was lost, and nobody has spoken since.
    const isAnew = next !== undefined && answer.lastSeq < next - 1
    if (isOther || isAnew) this.#sequence.reset()
    this.#sequence.note(answer.lastSeq)
    if (answer.channel === this.#channel && !isAnew) return
    this.#channel = answer.channel
    for (const { channel: of, seq } of this.#early) if (of === answer.channel) this.#sequence.delete(seq)
    this.#early = []
    this.#tell(() => this.#options.onBegin?.(answer.channel))
  }

  async #read(): Promise<void> {
    const { next, newest } = this.#sequence
    const channel = this.#channel ?? this.#options.channel
    const after = next === undefined ? {} : { afterSeq: next - 1 }
    this.#mustRead = false
    let page
    try {
      page = await this.#options.client.request(history, { channel, limit: this.#pageMax, ...after })
    } catch (error) {
      this.#mustRead = true
      throw error
    }
    if (this.#isClosed) return
    this.#sequence.addPage(page, newest)
    if (this.#sequence.isBehind && this.#sequence.next === next && this.#sequence.newest === newest) {
      throw new HydraError('STORAGE_UNAVAILABLE', `The history of ${channel} ends before message ${newest}.`)
    }
    this.#attempts = 0
  }

  #canTryAgain({ code, retryable }: HydraError): boolean {
    if (this.#attempts >= attemptsMax) return false
    if (code !== 'CHAT_NOT_JOINED' || this.#mustJoin) return retryable
    this.#mustJoin = true
    return true
  }

  #pause(): Promise<void> {
    const pauseMs = Math.min(pauseMaxMs, pauseMinMs * 2 ** (this.#attempts - 1)) * (0.5 + this.#random() / 2)
    return new Promise((resolve) => {
      const timer = this.#clock.after(pauseMs, resolve)
      this.#endPause = () => {
        timer.cancel()
        resolve()
      }
    })
  }
}
