import { HydraError, routes, type ErrorCode } from '@hydra/protocol'
import type { RpcPeer } from '@hydra/rpc'
import type { Clock, Ids, Logger } from '@hydra/runtime'
import type { Channel } from './channel.ts'
import type { ChannelWriter, Post, Posted } from './channel-writer.ts'

/** What posting needs. */
export interface ChannelPostsOptions {
  readonly peer: Pick<RpcPeer, 'id' | 'call' | 'pick'>
  readonly writer: Pick<ChannelWriter, 'post'>
  readonly clock: Clock
  readonly ids: Ids
  readonly log: Logger
  /** How long the server that has a channel may take. */
  readonly timeoutMs: number
}

/** After these another server can store the message: the same `messageId` keeps it from being stored twice. */
const passedOn: ReadonlySet<ErrorCode> = new Set(['SERVER_GONE', 'NO_SERVER', 'SHUTTING_DOWN', 'TIMEOUT'])

/**
 * Says something in a channel by way of the one chat server that has it: all servers agree which that is as long as
 * they see the same cluster (rendezvous hash of the channel). A server that does not answer must not silence its
 * channels until the registry has noticed: meanwhile each server stores what it was sent by itself.
 */
export class ChannelPosts {
  readonly #options: ChannelPostsOptions

  constructor(options: ChannelPostsOptions) {
    this.#options = options
  }

  /** Whether this server has a channel. */
  isHere(channel: Pick<Channel, 'key'>): boolean {
    return this.#homeOf(channel) === this.#options.peer.id
  }

  /**
   * Resolves when a message is stored and pushed. `messageId` is made when absent.
   *
   * @throws HydraError `SERVER_BUSY`, `STORAGE_UNAVAILABLE`.
   */
  async post(channel: Channel, draft: Post): Promise<Posted> {
    const { peer, writer, clock, ids, log, timeoutMs } = this.#options
    const post = { ...draft, messageId: draft.messageId ?? ids.next() }
    const askedAtMs = clock.nowMs()
    const home = this.#homeOf(channel)
    if (home === peer.id) return writer.post(channel, post, askedAtMs)
    try {
      const body = { channel: channel.key, ...post, askedAtMs }
      const stored = await peer.call(routes.chat.channel.post, body, { to: { server: home }, timeoutMs })
      return { ...post, ...stored }
    } catch (err) {
      if (!(err instanceof HydraError && passedOn.has(err.code))) throw err
      log.warn({ channel: channel.key, home, err }, 'the server of a channel does not answer; storing here')
      return writer.post(channel, post, askedAtMs)
    }
  }

  /** While every chat server is draining, each one finishes what it has. */
  #homeOf({ key }: Pick<Channel, 'key'>): string {
    try {
      return this.#options.peer.pick({ type: 'chat', key })
    } catch (error) {
      if (HydraError.hasCode(error, 'NO_SERVER')) return this.#options.peer.id
      throw error
    }
  }
}
