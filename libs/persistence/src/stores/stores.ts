import type { ChatLog } from './chat-log.ts'
import type { PresenceStore } from './presence-store.ts'
import type { RoleJournal } from './role-journal.ts'
import type { SessionStore } from './session-store.ts'

/** The narrow stores that Redis serves, or the memory of one process. */
export interface Stores {
  readonly sessions: SessionStore
  readonly roleJournal: RoleJournal
  readonly chatLog: ChatLog
  readonly presence: PresenceStore
}

/** Bounds of the stores. */
export interface StoreLimits {
  /** How many messages each channel keeps. */
  readonly chatMessagesPerChannelMax?: number
}

/** What applies when nothing else is said. */
export const storeLimits: Required<StoreLimits> = Object.freeze({ chatMessagesPerChannelMax: 1_000 })
