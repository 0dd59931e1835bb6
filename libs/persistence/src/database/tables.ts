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

/** All tables, for Kysely. */
export interface Tables {
  readonly accounts: AccountRow
  readonly roles: RoleRow
  readonly role_names: RoleNameRow
  readonly storage_objects: StorageObjectRow
  readonly storage_owners: StorageOwnerRow
}

/** The query builder over our tables. Stays inside this library. */
export type TablesDb = Kysely<Tables>
