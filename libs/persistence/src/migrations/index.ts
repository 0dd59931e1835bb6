import { accountsAndRoles } from './0001-accounts-and-roles.ts'
import { roleOwner } from './0002-role-owner.ts'
import { storageObjects } from './0003-storage-objects.ts'
import { chatArchive } from './0004-chat-archive.ts'
import { alliances } from './0005-alliances.ts'
import type { Migration } from './migration.ts'

/** All steps by name, in order. A list instead of a folder, so that a bundle has them. Steps that were released never change. */
export const migrations: Readonly<Record<string, Migration>> = Object.freeze({
  '0001-accounts-and-roles': accountsAndRoles,
  '0002-role-owner': roleOwner,
  '0003-storage-objects': storageObjects,
  '0004-chat-archive': chatArchive,
  '0005-alliances': alliances,
})
