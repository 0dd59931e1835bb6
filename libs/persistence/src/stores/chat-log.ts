import type { ChatMessage } from '@hydra/protocol'

/** A message as it is kept: which channel it belongs to is known from where it is. */
export type StoredMessage = Omit<ChatMessage, 'channel'>

/** A message that has no number yet. */
export interface ChatDraft {
  readonly from: StoredMessage['from']
  readonly text: string
  readonly sentAtMs: number
  readonly data?: StoredMessage['data']
  /** Two drafts of a channel with the same one, within {@link chatLogLimits.repeatMs}, are one message. */
  readonly messageId?: string
}

/** What an append needs to know. */
export interface AppendOptions {
  /** The largest number that may be given out, as reserved in the database. */
  readonly ceiling: number
  /**
   * Where numbering begins if the log knows nothing of the channel: it is new, or was lost. Only a reservation that
   * is not in use yet can tell: behind one that is, others may have given out numbers. Absent: such a log answers `ceiling`.
   */
  readonly floor?: number
  /**
   * The last number that the caller knows to be given out. A log that was set back (a replica took over, a disk has lost
   * its last second) goes on behind it.
   */
  readonly knownSeq?: number
  /** Whether messages wait here until {@link ChatLog.archived} says that the archive has them. */
  readonly archive: boolean
}

/** What became of an append: of all drafts, or of none. */
export type AppendResult =
  /** In the order of the drafts. `repeated`: it had been stored before, under this number and with this text. */
  | {
      readonly kind: 'stored'
      readonly messages: readonly (StoredMessage & { readonly repeated: boolean })[]
    }
  /** Numbers above the ceiling, or a floor, are needed; `lastSeq` is the last one known to be given out. */
  | { readonly kind: 'ceiling'; readonly lastSeq: number }
  /** More messages would wait for the archive than the channel keeps, and none of them may be dropped. */
  | { readonly kind: 'full' }

/** Which page of a channel; without a number the latest messages. */
export interface LogPage {
  readonly beforeSeq?: number
  readonly afterSeq?: number
  readonly limit: number
}

/** A channel with messages that the archive does not have. */
export interface Unarchived {
  readonly channel: string
  /** The archive has everything up to this number. */
  readonly archivedSeq: number
}

/** Where a channel ends, and what of it there can be. */
export interface ChannelEnd {
  /** Number of the newest message, 0 where there is none. */
  readonly lastSeq: number
  /** After a loss of the log numbers go on behind this one; those before it were not all given out. Else 0. */
  readonly baseSeq: number
}

/** Bounds of the log that are not a matter of configuration. */
export const chatLogLimits = Object.freeze({
  /** How long a message is known by its messageId. */
  repeatMs: 120_000,
})

/**
 * The latest messages of each channel, numbered without gaps whichever chat server appends. Redis (a stream whose ids
 * are the numbers) or memory; both pass `chat-log.contract.ts`. A channel keeps at most `chatMessagesPerChannelMax`
 * messages, none older than `chatMessageAgeMaxMs`; its last number outlives them.
 */
export interface ChatLog {
  /** Numbers and stores messages in one step. @throws HydraError `STORAGE_UNAVAILABLE`. */
  append(channel: string, drafts: readonly ChatDraft[], options: AppendOptions): Promise<AppendResult>
  /**
   * Messages before or after a number, in order of their numbers, deleted ones as such. Without gaps: what is missing at
   * the beginning has left the log.
   */
  page(channel: string, page: LogPage): Promise<readonly StoredMessage[]>
  /** Where each channel ends, in one round trip. */
  ends(channels: readonly string[]): Promise<readonly ChannelEnd[]>
  /** Takes text and data out of a message. Answers whether the log had it; deleting twice does no harm. */
  delete(channel: string, seq: number): Promise<boolean>
  /** Channels with messages that are not archived, at most `limit`, in no particular order. */
  unarchived(limit: number): Promise<readonly Unarchived[]>
  /** The archive has everything of a channel up to a number. Never goes back. */
  archived(channel: string, seq: number): Promise<void>
  /** Forgets a channel that is no more: messages, numbers, everything. */
  forget(channel: string): Promise<void>
}
