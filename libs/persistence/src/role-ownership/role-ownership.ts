import type { RoleSnapshot } from '../role-snapshot.ts'

/** A role that this server owns. */
export interface OwnedRole {
  /** The role as its owner goes on with it, under the epoch of this ownership. */
  readonly snapshot: RoleSnapshot
  /**
   * Whether the journal knows the owner. `false` when the role was taken while the journal was away: its changes must
   * be pushed `straight` to the database, until the role is taken once more.
   */
  readonly journalled: boolean
}

/** What a server names of a role that it owns, to give it up. */
export type Ownership = Pick<RoleSnapshot, 'rid' | 'epoch' | 'version'> & Pick<OwnedRole, 'journalled'>

/**
 * Which roles this server may write. Ownership stands in the journal, which is asked first and fences every change, and
 * in the role's row, which says the same while the journal is away or has lost its data. It has no end of its own: it
 * lasts as long as the owner's record in the registry.
 */
export interface RoleOwnership {
  /**
   * Makes this server the owner of a role and reads it: from the journal what a server that is gone left unsaved, else
   * from the database. Taking a role that this server owns already is allowed and gives a new epoch; what its
   * queue has of the role must be flushed before. While the journal is away, only a role that was given up in good order
   * is taken, by its row alone.
   *
   * @param role the role and the epoch of its row, as the caller has read it.
   * @returns `undefined` when there is no such role.
   * @throws HydraError `ROLE_ELSEWHERE`, with the owner's id in `metadata.server` when it is known,
   * `STORAGE_UNAVAILABLE`, `INTERNAL` when the database refuses what the journal has.
   */
  take(role: Pick<RoleSnapshot, 'rid' | 'epoch'>): Promise<OwnedRole | undefined>
  /**
   * {@link take} for a role that this server goes on with: of one that {@link renew} does not confirm, and whose state
   * the database has. Needs the journal. When it fails, the role is still owned, under whichever of the two epochs the
   * stores have; changes under the former one are refused or not, as the row decides.
   *
   * @throws HydraError as {@link take}.
   */
  retake(role: Pick<RoleSnapshot, 'rid' | 'epoch'>): Promise<OwnedRole | undefined>
  /**
   * Gives up a role whose state the database has, and removes all its keys from the journal. May be repeated.
   *
   * @throws HydraError `ROLE_ELSEWHERE` when another server owns it by now, `STORAGE_UNAVAILABLE`: to be tried again.
   */
  release(role: Ownership): Promise<void>
  /**
   * Compares roles that this server holds with the journal. Answers those whose ownership it does not confirm: save
   * them and take them once more, which tells whether another server owns them by now or the journal has lost sight
   * of them.
   *
   * @throws HydraError `STORAGE_UNAVAILABLE`.
   */
  renew(roles: readonly Omit<Ownership, 'version'>[]): Promise<readonly string[]>
}
