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

/** What {@link RoleOwnership.renew} found. */
export interface Renewal {
  /** Another server owns these by now. */
  readonly lost: readonly string[]
  /** The journal does not know the owner of these: they should be taken once more. */
  readonly unknown: readonly string[]
}

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
   * Gives up a role whose state the database has, and removes all its keys from the journal. May be repeated.
   *
   * @throws HydraError `ROLE_ELSEWHERE` when another server owns it by now, `STORAGE_UNAVAILABLE`: to be tried again.
   */
  release(role: Ownership): Promise<void>
  /**
   * Compares roles that this server holds with the journal.
   *
   * @throws HydraError `STORAGE_UNAVAILABLE`.
   */
  renew(rids: readonly string[]): Promise<Renewal>
}
