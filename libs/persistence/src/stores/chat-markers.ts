/** Up to where a role has read a channel. */
export interface ReadMarker {
  readonly channel: string
  readonly seq: number
}

/** A private conversation of a role. */
export interface Conversation {
  /** The other one. */
  readonly rid: string
  readonly lastAtMs: number
}

/**
 * What each role has read, and with whom it has talked. Redis or memory; both pass `chat-markers.contract.ts`. Bounded
 * for each role: `conversationsMax` conversations, the latest; markers of channels that it is in.
 */
export interface ChatMarkers {
  /** Moves a marker forward, never back; answers where it is then. */
  move(rid: string, channel: string, seq: number): Promise<number>
  /** Sets a marker where there is none, for a role that joins: what was said before is not unread. */
  begin(rid: string, markers: readonly ReadMarker[]): Promise<void>
  /** Where the role is in each channel, 0 where it has not read anything. */
  get(rid: string, channels: readonly string[]): Promise<readonly number[]>
  /** Forgets markers of channels that the role has left. */
  remove(rid: string, channels: readonly string[]): Promise<void>
  /** Notes that two roles have talked, for both. A conversation that falls out takes its marker along. */
  talked(rids: readonly [string, string], atMs: number): Promise<void>
  /** The role's conversations, the latest first. After a loss of the store only those since then, until {@link restore}. */
  conversations(rid: string, limit: number): Promise<readonly Conversation[]>
  /** Whether {@link restore} was called for a role, and the store has not lost its data since. */
  isRestored(rid: string): Promise<boolean>
  /** Notes conversations that may have been lost, for this role alone, and that it lacks none any more. */
  restore(rid: string, conversations: readonly Conversation[]): Promise<void>
}
