import type { ChatMessage, HydraError } from '@hydra/protocol'
import type { ClientClock } from './client-clock.ts'
import type { GameClient } from './game-client.ts'
import type { SeqRange } from './message-sequence.ts'

/** What a `ChannelFeed` needs, and whom it tells. */
export interface ChannelFeedOptions {
  readonly client: Pick<GameClient, 'request' | 'on'>
  /** As in requests: `world`, `alliance`, `team`, `system`, `private-<rid>`. */
  readonly channel: string
  /** Number of the last message that is known already. Absent: the feed begins with the latest page. */
  readonly afterSeq?: number
  /** Messages in order of their numbers, each once; never none. A deleted one has no text and says so. */
  readonly onMessages: (messages: readonly ChatMessage[]) => void
  /**
   * The channel, by its full name, is about to be shown: for the first time, or from its latest page on because it is
   * another one now (the role has changed alliance, the world another shard), so that what was shown is of no use.
   */
  readonly onBegin?: (channel: string) => void
  /** A message that was passed on has been deleted since. Not told while the client is away. */
  readonly onDeleted?: (deleted: { readonly channel: string; readonly seq: number }) => void
  /**
   * Messages that the history does not have any more; the feed goes on after them. Not told of what was lost together
   * with the log, because nobody knows which numbers of that time were given out.
   */
  readonly onLost?: (range: SeqRange) => void
  /** The feed cannot go on by itself: it tries again after `resync`, or with a push after some seconds. */
  readonly onError?: (error: HydraError) => void
  /** Roles whose messages are passed over. Looked at anew for each message. */
  readonly muted?: ReadonlySet<string>
  /** Messages read at once; at most, and by default, `limits.chatHistoryPageMax`. */
  readonly pageMax?: number
  /** Messages kept that came before their turn; one more, and the history is read instead. 200 by default. */
  readonly aheadMax?: number
  /**
   * After so many milliseconds without a push the history is asked whether the channel is really quiet: of a message
   * whose server died before it pushed, no push tells. 120,000 by default; 0: never.
   */
  readonly quietMs?: number
  readonly clock?: ClientClock
  /** From 0 to 1, so that clients do not all ask at the same moment. */
  readonly random?: () => number
}
