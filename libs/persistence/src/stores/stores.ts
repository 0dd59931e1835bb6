import type { AllianceViews } from './alliance-views.ts'
import type { ChatLog } from './chat-log.ts'
import type { ChatMarkers } from './chat-markers.ts'
import type { ChatTeams } from './chat-teams.ts'
import type { PresenceStore } from './presence-store.ts'
import type { RoleJournal } from './role-journal.ts'
import type { SessionStore } from './session-store.ts'
import type { TeamStore } from './teams.ts'

/** The narrow stores that Redis serves, or the memory of one process. */
export interface Stores {
  readonly sessions: SessionStore
  readonly roleJournal: RoleJournal
  readonly chatLog: ChatLog
  readonly chatMarkers: ChatMarkers
  readonly chatTeams: ChatTeams
  readonly teams: TeamStore
  readonly presence: PresenceStore
  readonly allianceViews: AllianceViews
}

/** Bounds of the stores. */
export interface StoreLimits {
  /** How many messages each channel keeps. */
  readonly chatMessagesPerChannelMax?: number
  /** Messages older than this leave their channel. */
  readonly chatMessageAgeMaxMs?: number
  /** Private conversations that are noted for each role. */
  readonly chatConversationsMax?: number
  /** How long it is known when a role was last online. */
  readonly lastSeenMaxMs?: number
}

/** What applies when nothing else is said. */
export const storeLimits: Required<StoreLimits> = Object.freeze({
  chatMessagesPerChannelMax: 1_000,
  chatMessageAgeMaxMs: 7 * 86_400_000,
  chatConversationsMax: 50,
  lastSeenMaxMs: 90 * 86_400_000,
})
