import {
  chatLogLimits,
  type ChatArchive,
  type ChatDraft,
  type ChatLog,
  type StoredMessage,
} from '@hydra/persistence'
import { HydraError, pushes } from '@hydra/protocol'
import type { RpcPeer } from '@hydra/rpc'
import type { Clock, Logger } from '@hydra/runtime'
import type { ChatMetrics } from '../chat-metrics.ts'
import { isArchived, type Channel } from './channel.ts'
import { toMessage, viewersOf } from './message-view.ts'
import { SeqBlocks } from './seq-blocks.ts'

/** What somebody says, when all checks are passed. */
export type Post = Omit<ChatDraft, 'sentAtMs'>

/** A message as it was stored. */
export type Posted = StoredMessage & {
  /** It had been stored before, by an earlier try. */
  readonly repeated: boolean
}

/** What writing needs. */
export interface ChannelWriterOptions {
  readonly chatLog: Pick<ChatLog, 'append'>
  readonly chatArchive: Pick<ChatArchive, 'reserve'>
  readonly peer: Pick<RpcPeer, 'publish'>
  readonly clock: Clock
  readonly log: Logger
  readonly metrics: Pick<ChatMetrics, 'messages' | 'publishFailures' | 'observeWaiting' | 'batchSizes'>
  /** Messages that may wait, in all channels. */
  readonly waitingMax: number
  /** And of these in one channel. */
  readonly waitingPerChannelMax: number
  /** Messages of one channel stored in one step. */
  readonly batchMax: number
  /** Numbers reserved at a time. */
  readonly reserveSeqs: number
}

interface Waiting {
  readonly post: Post
  readonly askedAtMs: number
  readonly resolve: (posted: Posted) => void
  readonly reject: (error: unknown) => void
}

/**
 * How old a message may be when it is stored. One that has waited longer, such as in a server that stood still, has been
 * stored by another one, and soon its `messageId` will not be known any more. Clocks may differ by as much.
 */
const ageMaxMs = chatLogLimits.repeatMs / 2

/** How often an append may find its numbers used up: once for a new channel, once more if another server was faster. */
const reservesMax = 3

/**
 * Numbers, stores and pushes what is said in channels. Of one channel one batch is under way at a time, and what waits
 * meanwhile makes up the next: so pushes leave in the order of the numbers, and a busy channel costs one round trip for
 * many messages. Usually all messages of a channel come to one server, see `ChannelPosts`; if they do not, numbers stay
 * right, because the log gives them out, and gates leave out what comes too late.
 */
export class ChannelWriter {
  readonly #options: ChannelWriterOptions
  readonly #blocks: SeqBlocks
  readonly #queues = new Map<string, Waiting[]>()
  #waiting = 0

  constructor(options: ChannelWriterOptions) {
    this.#options = options
    const { chatArchive, reserveSeqs } = options
    this.#blocks = new SeqBlocks({ chatArchive, reserveSeqs })
    options.metrics.observeWaiting(() => this.#waiting)
  }

  /**
   * Resolves when a message is stored and its push has left.
   *
   * @param askedAtMs when it was first taken, by whichever server
   * @throws HydraError `SERVER_BUSY` when too many wait, here or for the archive; `TIMEOUT` when it has waited too long;
   * `STORAGE_UNAVAILABLE`, after which it may have been stored nevertheless.
   */
  post(channel: Channel, post: Post, askedAtMs: number): Promise<Posted> {
    const { waitingMax, waitingPerChannelMax } = this.#options
    if (this.#waiting >= waitingMax) return Promise.reject(tooManyWait(waitingMax, 'all channels'))
    if ((this.#queues.get(channel.key)?.length ?? 0) >= waitingPerChannelMax)
      return Promise.reject(tooManyWait(waitingPerChannelMax, channel.key))
    return new Promise((resolve, reject) => {
      this.#waiting += 1
      const queue = this.#queues.get(channel.key)
      if (queue !== undefined) return void queue.push({ post, askedAtMs, resolve, reject })
      const first = [{ post, askedAtMs, resolve, reject }]
      this.#queues.set(channel.key, first)
      void this.#drain(channel, first)
    })
  }

  /** Never rejects: each message is told what became of it. */
  async #drain(channel: Channel, queue: Waiting[]): Promise<void> {
    // What comes in the same turn goes along.
    await Promise.resolve()
    while (queue.length > 0) {
      const batch = this.#refuseOld(queue.splice(0, this.#options.batchMax))
      if (batch.length === 0) continue
      this.#options.metrics.batchSizes.observe(batch.length)
      try {
        const posted = await this.#append(
          channel,
          batch.map(({ post }) => post),
        )
        this.#waiting -= batch.length
        for (const [index, message] of posted.entries()) {
          this.#publish(channel, message)
          batch[index]?.resolve(message)
        }
      } catch (error) {
        this.#waiting -= batch.length
        for (const { reject } of batch) reject(error)
      }
    }
    this.#queues.delete(channel.key)
  }

  #refuseOld(batch: readonly Waiting[]): readonly Waiting[] {
    const oldestMs = this.#options.clock.nowMs() - ageMaxMs
    return batch.filter(({ askedAtMs, reject }) => {
      if (askedAtMs >= oldestMs) return true
      this.#waiting -= 1
      reject(new HydraError('TIMEOUT', 'The message has waited too long to be stored.'))
      return false
    })
  }

  async #append(channel: Channel, posts: readonly Post[]): Promise<readonly Posted[]> {
    const { chatLog, clock, metrics } = this.#options
    const archive = isArchived(channel)
    const sentAtMs = clock.nowMs()
    const drafts = posts.map((post): ChatDraft => ({ ...post, sentAtMs }))
    let block = await this.#blocks.of(channel.key)
    for (let reserves = 0; reserves < reservesMax; reserves++) {
      const result = await chatLog.append(channel.key, drafts, { ...block, archive })
      if (result.kind === 'full') throw archiveIsBehind(channel)
      if (result.kind === 'stored') {
        const { kind, key } = channel
        this.#blocks.saw(key, Math.max(...result.messages.map(({ seq }) => seq)))
        metrics.messages.inc({ kind }, result.messages.filter(({ repeated }) => !repeated).length)
        return result.messages
      }
      block = await this.#blocks.next(channel.key, result.lastSeq + drafts.length)
    }
    throw new HydraError(
      'SERVER_BUSY',
      `The numbers of channel ${channel.key} are used up by others; send again.`,
    )
  }

  /**
   * A message that is stored has been sent: failing the request would have the client send it twice. One that was stored
   * by an earlier try is pushed again, because whoever stored it may have died before that; gates know it if it was not so.
   */
  #publish(channel: Channel, message: StoredMessage): void {
    const { peer, log, metrics } = this.#options
    const order = { sequence: channel.key, seq: message.seq }
    for (const { topic, rid } of viewersOf(channel)) {
      try {
        peer.publish(topic, pushes.chat.channel.message, toMessage(channel, rid, message), { order })
      } catch (err) {
        metrics.publishFailures.inc()
        log.warn({ channel: channel.key, seq: message.seq, err }, 'a message is stored but was not pushed')
      }
    }
  }
}

const tooManyWait = (count: number, where: string) =>
  new HydraError('SERVER_BUSY', `${count} messages of ${where} wait to be stored; send again later.`)

const archiveIsBehind = ({ key }: Channel) =>
  new HydraError(
    'SERVER_BUSY',
    `The database has not taken over the latest messages of ${key}, and no more of them can be kept; send again later.`,
  )
