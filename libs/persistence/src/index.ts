/**
 * What Hydra keeps: accounts, roles and their storage objects in a database (MySQL, MariaDB or SQLite), live state in
 * narrow stores (Redis or memory), and the write-behind queue between them. The only importer of kysely, mysql2, libsql
 * and ioredis.
 *
 * @module
 */
export type { Database, DatabaseKind } from './database/database.ts'
export { createMysqlDatabase, dropMysqlDatabase } from './database/mysql-database.ts'
export { openDatabase } from './database/open-database.ts'
export type { DatabaseConfig, DatabaseDeps } from './database/open-database.ts'
export { migrate, migrationStatus } from './migrations/migrate.ts'
export type { MigrateOptions, MigrationStatus } from './migrations/migrate.ts'
export type { Account, Accounts } from './repositories/accounts.ts'
export type {
  Alliance,
  AllianceChange,
  AllianceChanged,
  AllianceDraft,
  AllianceEventDraft,
  AllianceMembership,
  AllianceRole,
  Alliances,
  AllianceState,
  ListedRequest,
  StoredRequest,
} from './repositories/alliances.ts'
export { chatArchiveLimits } from './repositories/chat-archive.ts'
export type { ArchivedMessage, ChatArchive, ReservedSeqs } from './repositories/chat-archive.ts'
export type { RoleClaim, Roles } from './repositories/roles.ts'
export { roleDataMaxChars } from './encode-snapshot.ts'
export { storageObjectLimits } from './repositories/storage-objects.ts'
export type {
  PutCondition,
  StorageChange,
  StorageDraft,
  StorageObject,
  StorageObjectId,
  StorageObjects,
  StoragePage,
} from './repositories/storage-objects.ts'
export { createAccounts } from './repositories/sql-accounts.ts'
export { createAlliances } from './repositories/sql-alliances.ts'
export type { AlliancesDeps } from './repositories/sql-alliances.ts'
export { createChatArchive } from './repositories/sql-chat-archive.ts'
export { createRoles } from './repositories/sql-roles.ts'
export { createStorageObjects } from './repositories/sql-storage-objects.ts'
export type { StorageObjectsDeps } from './repositories/sql-storage-objects.ts'
export { roleElsewhere } from './role-elsewhere.ts'
export { createRoleOwnership } from './role-ownership/create-role-ownership.ts'
export type { RoleOwnershipDeps } from './role-ownership/create-role-ownership.ts'
export type { OwnedRole, Ownership, RoleOwnership } from './role-ownership/role-ownership.ts'
export { roleQueueConfigSchema } from './role-queue/role-queue-config.ts'
export type { RoleQueueConfig } from './role-queue/role-queue-config.ts'
export { createRoleQueue } from './role-queue/create-role-queue.ts'
export type { RoleQueueDeps } from './role-queue/create-role-queue.ts'
export { recoverRoles } from './role-queue/recover-roles.ts'
export type { RecoveredRoles, RecoverRolesOptions } from './role-queue/recover-roles.ts'
export type { AwayStores, PushOptions, RoleQueue } from './role-queue/role-queue.ts'
export { isNewer, newest } from './role-snapshot.ts'
export { RoleWriter } from './role-writer/role-writer.ts'
export type { LoadedRole, RoleRule, RoleStateBase, RoleWriterDeps } from './role-writer/role-writer.ts'
export type { Json, JsonObject, RoleSnapshot } from './role-snapshot.ts'
export type { OpenStorageDeps } from './storage/connect-with-retry.ts'
export { openDatabaseDrivers, openStorage, openStores } from './storage/open-storage.ts'
export type { Closable, StorageDeps } from './storage/open-storage.ts'
export { databaseConfigOf, storageConfigSchema } from './storage/storage-config.ts'
export type { StorageConfig } from './storage/storage-config.ts'
export type { DatabaseDrivers, StorageDrivers, StoreDrivers } from './storage/storage-drivers.ts'
export type { AllianceChangeMark, AllianceRoster, AllianceViews } from './stores/alliance-views.ts'
export { chatLogLimits } from './stores/chat-log.ts'
export type {
  AppendOptions,
  AppendResult,
  ChannelEnd,
  ChatDraft,
  ChatLog,
  LogPage,
  StoredMessage,
  Unarchived,
} from './stores/chat-log.ts'
export { chatTeamLimits } from './stores/chat-teams.ts'
export type { ChatTeams, TeamChange } from './stores/chat-teams.ts'
export type { ChatMarkers, Conversation, ReadMarker } from './stores/chat-markers.ts'
export { createMemoryStores } from './stores/create-memory-stores.ts'
export type {
  Arrival,
  Presence,
  PresenceChange,
  PresenceStore,
  WorldShards,
} from './stores/presence-store.ts'
export type { RoleJournal } from './stores/role-journal.ts'
export type { Acquired, AcquireOptions, RoleOwner, RoleOwners } from './stores/role-owners.ts'
export type { SessionRecord, SessionStore } from './stores/session-store.ts'
export type { StoreLimits, Stores } from './stores/stores.ts'
export { teamLimits } from './stores/teams.ts'
export type { FoundTeam, PutTimes, SeenTeam, StoredTeam, TeamPut, TeamStore } from './stores/teams.ts'
