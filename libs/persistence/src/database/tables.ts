import type { AllianceEventKind, AlliancePolicy, AllianceRank } from '@hydra/protocol'
import type { Kysely } from 'kysely'

/** A row of `accounts`. */
export interface AccountRow {
  readonly uid: string
  readonly username: string
  /** The lower-cased user name: what is unique. */
  readonly username_key: string
  readonly password_hash: string
  readonly created_at_ms: number
  readonly banned_until_ms: number
}

/** A row of `roles`. */
export interface RoleRow {
  readonly rid: string
  readonly uid: string
  readonly name: string
  readonly level: number
  readonly epoch: number
  readonly version: number
  readonly schema: number
  /** JSON text. */
  readonly data: string
  readonly updated_at_ms: number
  /** The game server that may hold changes that are not here yet. */
  readonly owner: string | null
}

/** Stands as the owner of rows from before owners were noted. No server has it as its id. */
export const unknownOwner = 'unknown'

/** A row of `role_names`: a name that a role has, or has claimed for a rename under way. */
export interface RoleNameRow {
  readonly name_key: string
  readonly rid: string
}

/** A row of `storage_objects`. */
export interface StorageObjectRow {
  readonly rid: string
  readonly collection: string
  readonly object_key: string
  readonly version: number
  /** JSON text. */
  readonly data: string
  readonly updated_at_ms: number
}

/** A row of `storage_owners`: what writers lock that create or delete objects of a role. */
export interface StorageOwnerRow {
  readonly rid: string
  /** How many objects the role has. */
  readonly objects: number
  /** The largest version that a deleted object of the role had; new ones begin above it. */
  readonly deleted_version: number
}

/** A row of `alliances`: what whoever changes the alliance, its members or its requests locks first. */
export interface AllianceRow {
  readonly alliance_id: string
  readonly name: string
  /** What is unique about name and tag; see `nameKey`. */
  readonly name_key: string
  readonly tag: string
  readonly tag_key: string
  readonly level: number
  readonly notice: string
  readonly description: string
  readonly policy: AlliancePolicy
  readonly min_level: number
  readonly leader_rid: string
  readonly member_count: number
  /** Number of the last entry of the log. */
  readonly log_seq: number
  readonly version: number
  readonly created_at_ms: number
}

/** A row of `alliance_roles`: what is locked to change a role's membership or its requests. */
export interface AllianceRoleRow {
  readonly rid: string
  readonly uid: string
  readonly name: string
  readonly level: number
  /** The last three are there together, or none of them. */
  readonly alliance_id: string | null
  readonly rank: AllianceRank | null
  readonly joined_at_ms: number | null
}

/** A row of `alliance_requests`. */
export interface AllianceRequestRow {
  readonly alliance_id: string
  readonly rid: string
  readonly kind: 'application' | 'invitation'
  readonly at_ms: number
  readonly by_rid: string | null
  readonly by_name: string | null
}

/** A row of `alliance_log`. */
export interface AllianceLogRow {
  readonly alliance_id: string
  readonly seq: number
  readonly at_ms: number
  readonly kind: AllianceEventKind
  readonly actor_rid: string | null
  readonly actor_name: string | null
  readonly target_rid: string | null
  readonly target_name: string | null
  /** JSON text. */
  readonly detail: string | null
}

/** A row of `alliance_foundings`: whether an alliance was founded under an id (1), or never will be (0). */
export interface AllianceFoundingRow {
  readonly alliance_id: string
  /** Null only inside of the transaction that decides. */
  readonly founded: number | null
  readonly at_ms: number
}

/** A row of `chat_channels`. */
export interface ChatChannelRow {
  readonly channel: string
  /** Numbers up to this one may have been given out. */
  readonly reserved_seq: number
}

/** A row of `chat_messages`. */
export interface ChatMessageRow {
  readonly channel: string
  readonly seq: number
  readonly from_rid: string
  readonly from_name: string
  readonly text: string
  /** JSON text. */
  readonly data: string | null
  /** Null: the message was deleted before it came; when it comes, only its text is not taken in. */
  readonly sent_at_ms: number | null
  /** 1: without text and data. */
  readonly deleted: number
}

/** A row of `chat_conversations`; there are two of each conversation, one for either side. */
export interface ChatConversationRow {
  readonly rid: string
  readonly other_rid: string
  /** When its newest message was sent. */
  readonly last_at_ms: number
}

/** All tables, for Kysely. */
export interface Tables {
  readonly accounts: AccountRow
  readonly roles: RoleRow
  readonly role_names: RoleNameRow
  readonly storage_objects: StorageObjectRow
  readonly storage_owners: StorageOwnerRow
  readonly alliances: AllianceRow
  readonly alliance_roles: AllianceRoleRow
  readonly alliance_requests: AllianceRequestRow
  readonly alliance_log: AllianceLogRow
  readonly alliance_foundings: AllianceFoundingRow
  readonly chat_channels: ChatChannelRow
  readonly chat_messages: ChatMessageRow
  readonly chat_conversations: ChatConversationRow
}

/** The query builder over our tables. Stays inside this library. */
export type TablesDb = Kysely<Tables>
