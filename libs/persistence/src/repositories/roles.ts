import type { RoleSnapshot } from '../role-snapshot.ts'

/** Who takes a role over. */
export interface RoleClaim {
  /** Id of the game server. */
  readonly owner: string
  /** Above every epoch that was given out for this role before. */
  readonly epoch: number
  /** Whether a server was seen to leave the registry: from such a one a role may be taken. */
  readonly isGone: (server: string) => boolean
}

/** Roles in the database. The game server that owns a role writes it through the role queue only. */
export interface Roles {
  /**
   * Stores a new role and claims its name, in one transaction.
   *
   * @throws HydraError `NAME_TAKEN` (compared without regard to case and after NFKC), `ROLE_LIMIT_REACHED`, `STORAGE_UNAVAILABLE`.
   */
  create(role: RoleSnapshot, options: { readonly maxPerAccount: number }): Promise<void>
  listByUid(uid: string): Promise<readonly Pick<RoleSnapshot, 'rid' | 'name' | 'level'>[]>
  find(rid: string): Promise<RoleSnapshot | undefined>
  /**
   * Reads a role for its new owner, notes the owner, and fences the former ones off, in one transaction: the newer one
   * of the row and of what the journal had is stored under the claim's epoch, so that whoever still writes under an
   * older one is refused from then on. May be repeated.
   *
   * @returns what the new owner goes on with; `undefined` when there is no such role.
   * @throws HydraError `ROLE_ELSEWHERE` when the row has a larger epoch already, or had another owner under this one, or
   * has an owner that is not gone (then with its id in `metadata.server`), `STORAGE_UNAVAILABLE`.
   */
  takeOver(
    rid: string,
    claim: RoleClaim,
    journalled: RoleSnapshot | undefined,
  ): Promise<RoleSnapshot | undefined>
  /**
   * {@link takeOver} while the journal cannot be read: only of a role that was given up in good order, whose row is
   * therefore all there is. The epoch becomes that of the claim, or the next one after the row's if that is larger.
   *
   * @throws HydraError `ROLE_ELSEWHERE` as {@link takeOver}, `STORAGE_UNAVAILABLE` also when the owner is gone, or is the
   * claim's own: the journal may have changes of it.
   */
  takeOverSaved(rid: string, claim: RoleClaim): Promise<RoleSnapshot | undefined>
  /** Every server that owns a role, as far as the rows tell. @throws HydraError `STORAGE_UNAVAILABLE`. */
  owners(): Promise<readonly string[]>
  /**
   * Roles of one owner with their epochs, in order of rid, at most `limit`, only those after `afterRid`.
   *
   * @throws HydraError `STORAGE_UNAVAILABLE`.
   */
  ownedBy(
    owner: string,
    limit: number,
    afterRid?: string,
  ): Promise<readonly Pick<RoleSnapshot, 'rid' | 'epoch'>[]>
  /**
   * Notes that a server does not own these roles any more, each up to its epoch. Roles that have another owner, or the
   * same one under a larger epoch, stay as they are; so it may be repeated.
   *
   * @throws HydraError `STORAGE_UNAVAILABLE`.
   */
  disown(owner: string, roles: readonly Pick<RoleSnapshot, 'rid' | 'epoch'>[]): Promise<void>
  /**
   * Reserves a name for a role, besides the one it has. Claiming a name that the role holds already does nothing.
   *
   * @throws HydraError `NAME_TAKEN`, `STORAGE_UNAVAILABLE`.
   */
  claimName(rid: string, name: string): Promise<void>
  /**
   * Frees one name of a role, the old one after a rename or the new one when that failed, unless it is the same
   * claim as that of the name it keeps: `Ada` and `ADA` are one.
   */
  freeName(rid: string, name: string, kept: string): Promise<void>
  /**
   * Frees all names of a role but this one: at load, for what a crash left over. Does nothing when the role has been
   * taken over with a larger epoch meanwhile.
   */
  keepOnlyName(rid: string, name: string, epoch: number): Promise<void>
  /**
   * Writes many snapshots in one statement; each replaces its row only if it is newer by (epoch, version).
   * Answers the ids whose row has a larger epoch: those were fenced off. An older version of the row's own epoch changes
   * nothing and is no refusal: its owner has saved a newer one already.
   */
  saveAll(roles: readonly RoleSnapshot[]): Promise<{ readonly fenced: readonly string[] }>
}
