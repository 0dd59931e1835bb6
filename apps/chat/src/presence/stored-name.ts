import type { RoleJournal, Roles } from '@hydra/persistence'

/** Where roles are stored: the journal has what the database does not have yet. */
export interface StoredNameDeps {
  readonly journal: Pick<RoleJournal, 'read'>
  readonly roles: Pick<Roles, 'find'>
}

/**
 * The name of a role as last stored, if the account has such a role. Usually game brings the name when a role enters;
 * this is for roles that entered while chat was away.
 */
export async function findStoredName(
  { journal, roles }: StoredNameDeps,
  rid: string,
  uid: string,
): Promise<string | undefined> {
  const role = (await journal.read(rid)) ?? (await roles.find(rid))
  return role?.uid === uid ? role.name : undefined
}
