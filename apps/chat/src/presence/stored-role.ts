import type { RoleJournal, Roles } from '@hydra/persistence'

/** Where roles are stored: the journal has what the database does not have yet. */
export interface StoredRoleDeps {
  readonly journal: Pick<RoleJournal, 'read'>
  readonly roles: Pick<Roles, 'find'>
}

/** What chat wants to know of a role. */
export interface StoredRole {
  readonly rid: string
  readonly uid: string
  readonly name: string
  readonly level: number
}

/**
 * A role as last stored, if there is one. Usually game brings name and level when a role enters; this is for roles that
 * entered while chat was away, and for those that others name.
 *
 * @throws HydraError `STORAGE_UNAVAILABLE`.
 */
export async function findStoredRole(
  { journal, roles }: StoredRoleDeps,
  rid: string,
): Promise<StoredRole | undefined> {
  const role = (await journal.read(rid)) ?? (await roles.find(rid))
  if (role === undefined) return undefined
  const { uid, name, level } = role
  return { rid, uid, name, level }
}
