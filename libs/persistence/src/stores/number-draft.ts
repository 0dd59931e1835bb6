import type { ChatDraft, StoredMessage } from './chat-log.ts'

/** A draft as a message: a copy of its own, without its messageId. */
export const numberDraft = ({ from, text, sentAtMs, data }: ChatDraft, seq: number): StoredMessage => {
  const message = { seq, from: { ...from }, text, sentAtMs }
  return data === undefined ? message : { ...message, data: { ...data } }
}
