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

/** A row of `role_names`: a name that a role has, or has claimed for a rename under way. */
export interface RoleNameRow {
  readonly name_key: string
  readonly rid: string
}

/** All tables, for Kysely. */
export interface Tables {
  readonly accounts: AccountRow
  readonly roles: RoleRow
  readonly role_names: RoleNameRow
}

/** The query builder over our tables. Stays inside this library. */
export type TablesDb = Kysely<Tables>
