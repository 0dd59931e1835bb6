import type { ChatMessage } from '@hydra/protocol'

/** A message that has no number yet. */
export type ChatDraft = Omit<ChatMessage, 'seq'>

/**
 * The latest messages of each channel, numbered from 1 without gaps whichever chat server appends. Redis (a stream
 * whose ids are the numbers) or memory; both pass `chat-log.contract.ts`. Older messages than the cap are dropped.
 */
export interface ChatLog {
  append(draft: ChatDraft): Promise<ChatMessage>
  /** Messages with a number below `beforeSeq` (absent: the latest), oldest first, at most `limit`. */
  page(
    channel: string,
    options: { readonly beforeSeq?: number; readonly limit: number },
  ): Promise<readonly ChatMessage[]>
  /** Number of the newest message, 0 when there is none. */
  lastSeq(channel: string): Promise<number>
}
