import type { ChannelEnd, LogPage, StoredMessage } from '../stores/chat-log.ts'
import type { Conversation } from '../stores/chat-markers.ts'

/** A message with its channel. */
export interface ArchivedMessage extends StoredMessage {
  readonly channel: string
}

/** Numbers of a channel that may be given out. */
export interface ReservedSeqs {
  /** The largest number that was reserved before: numbering goes on behind it if the log has lost the channel. */
  readonly floor: number
  readonly ceiling: number
}

/** Bounds of the archive. */
export const chatArchiveLimits = Object.freeze({
  /** Messages of a channel that its end counts. */
  countMax: 100,
})

/**
 * Chat in the database: what of it must outlive a loss of the log. Numbers are reserved here in blocks before they are
 * given out, so that no number of a channel is ever given out twice; messages of some kinds of channels are kept here
 * for good, and with them who has talked with whom: two rows for each two roles that ever have, until they are pruned.
 *
 * All calls throw HydraError `STORAGE_UNAVAILABLE`.
 */
export interface ChatArchive {
  /** Reserves `count` numbers behind whatever was reserved before, and behind `lastSeq`. */
  reserve(channel: string, count: number, lastSeq?: number): Promise<ReservedSeqs>
  /**
   * Stores messages of any channels in one statement, and notes in a second one, if any of them are private, for both
   * sides that they have talked. A message that is there already stays as it is. What failed may be done in part:
   * repeat it.
   */
  add(messages: readonly ArchivedMessage[]): Promise<void>
  /** As `ChatLog.page`. */
  page(channel: string, page: LogPage): Promise<readonly StoredMessage[]>
  /**
   * As `ChatLog.ends`, in one query. Behind `baseSeq` are as many numbers as there are messages, of which the latest
   * {@link chatArchiveLimits.countMax} are counted: so no more can be unread, whatever numbers were left out.
   */
  ends(channels: readonly string[]): Promise<readonly ChannelEnd[]>
  /** The private conversations of a role, the latest first. */
  conversations(rid: string, limit: number): Promise<readonly Conversation[]>
  /** Takes text and data out of a message, also of one that is still to be added. */
  delete(channel: string, seq: number): Promise<void>
  /** Removes all messages of a channel, and that its two sides have talked, if it is a conversation. */
  forget(channel: string): Promise<void>
  /**
   * Removes messages sent before a time and then conversations without later ones, at most `limit` of both together;
   * answers how many there were.
   */
  prune(beforeMs: number, limit: number): Promise<number>
}
