import type { RoleSnapshot } from '../role-snapshot.ts'

/** Answer of {@link RoleOwners.acquire}. */
export type Acquired =
  | { readonly owned: true; readonly epoch: number; readonly snapshot: RoleSnapshot | undefined }
  | { readonly owned: false; readonly owner: string }

/** How {@link RoleOwners.acquire} may be asked. */
export interface AcquireOptions {
  /** The one foreign owner that may be replaced: the caller has seen it leave the registry. */
  readonly replaces?: string
  /** The new epoch is larger than this too: the one of the role's row, which the store may never have heard of. */
  readonly above?: number
}

/** The owner of a role, and under which epoch. */
export interface RoleOwner {
  readonly owner: string
  readonly epoch: number
}

/** Who owns each role. Every step is atomic and fenced: what carries an older epoch is refused. */
export interface RoleOwners {
  /**
   * Makes `owner` (a server id) the one writer of a role, with an epoch above every earlier one, also after a loss
   * of the store. Acquiring what one owns already gives a new epoch too: it fences off what an earlier actor of the
   * same server may still have under way. Answers the journalled snapshot, if there is one; the database may have a
   * newer one (written while the store was away), so hand it to `Roles.takeOver`, which decides.
   */
  acquire(rid: string, owner: string, options?: AcquireOptions): Promise<Acquired>
  /**
   * Gives a role up and removes all its keys, if `epoch` is still the current one and nothing unsaved is left.
   * Answers whether the role is free of this owner now, also when it was before; `false` leaves everything as it is.
   */
  release(rid: string, epoch: number): Promise<boolean>
  /** The owner of each of these roles, in their order; `undefined` where the store knows none. */
  ownersOf(rids: readonly string[]): Promise<readonly (RoleOwner | undefined)[]>
  /** Every server that owns a role. */
  owners(): Promise<readonly string[]>
  /** Roles of one owner with their epochs, in order of rid, at most `limit`, only those after `afterRid`. */
  ownedBy(
    owner: string,
    limit: number,
    afterRid?: string,
  ): Promise<readonly Pick<RoleSnapshot, 'rid' | 'epoch'>[]>
  /**
   * Takes the one place of the server that saves what others left behind. Answers who has it: `owner`, or another that
   * was there before and is not the one to be replaced.
   */
  claimRecovery(owner: string, options?: { readonly replaces?: string }): Promise<string>
  /** Gives the place up, if `owner` has it. */
  leaveRecovery(owner: string): Promise<void>
}
