import type { Database } from '../database/database.ts'
import type { Accounts } from '../repositories/accounts.ts'
import type { Alliances } from '../repositories/alliances.ts'
import type { ChatArchive } from '../repositories/chat-archive.ts'
import type { Roles } from '../repositories/roles.ts'
import type { StorageObjects } from '../repositories/storage-objects.ts'
import type { Stores } from '../stores/stores.ts'

/** A database and the repositories on it: what the http service needs. */
export interface DatabaseDrivers {
  readonly database: Database
  readonly accounts: Accounts
  readonly roles: Roles
  readonly objects: StorageObjects
  readonly chatArchive: ChatArchive
  readonly alliances: Alliances
}

/** The narrow stores: what the chat service needs. */
export interface StoreDrivers {
  readonly stores: Stores
}

/** All storage: what gate and game need. */
export interface StorageDrivers extends DatabaseDrivers, StoreDrivers {}
