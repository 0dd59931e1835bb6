import type { RoleSnapshot } from '../role-snapshot.ts'

/** Answer of {@link RoleJournal.acquire}. */
export type Acquired =
  | { readonly owned: true; readonly epoch: number; readonly snapshot: RoleSnapshot | undefined }
  | { readonly owned: false; readonly owner: string }

/**
 * Who owns each role, and the latest snapshot of each role that the database does not have yet. Redis or memory;
 * both pass `role-journal.contract.ts`. Every step is atomic and fenced: what carries an older epoch is refused.
 */
export interface RoleJournal {
  /**
   * Makes `owner` (a server id) the one writer of a role, with an epoch above every earlier one, also after a loss
   * of the store. Acquiring what one owns already gives a new epoch too: it fences off what an earlier actor of the
   * same server may still have under way. A foreign owner is replaced only if it is `replaces`, which the caller has
   * seen leave the registry. Answers the journalled snapshot, if there is one; the database may have a newer one
   * (written while the store was away), so hand it to `Roles.takeOver`, which decides.
   */
  acquire(rid: string, owner: string, options?: { readonly replaces?: string }): Promise<Acquired>
  /**
   * Stores snapshots, one round trip for all. Answers the ids refused because their epoch or version is old, or because
   * the role has been released since; storing what is stored already is no refusal, so that a call whose answer was
   * lost can be repeated. After a loss of the store, owners from before it are believed until somebody acquires anew.
   */
  append(snapshots: readonly RoleSnapshot[]): Promise<{ readonly fenced: readonly string[] }>
  /** The journalled snapshot, whoever owns it. */
  read(rid: string): Promise<RoleSnapshot | undefined>
  /** Notes that the database has these versions: removes the snapshots that are not newer. */
  settle(saved: readonly Pick<RoleSnapshot, 'rid' | 'epoch' | 'version'>[]): Promise<void>
  /**
   * Gives a role up and removes all its keys, if `epoch` is still the current one and nothing unsaved is left.
   * Answers whether the role is free of this owner now, also when it was before; `false` leaves everything as it is.
   */
  release(rid: string, epoch: number): Promise<boolean>
  /**
   * Roles with an unsaved snapshot and who owns them, in order of rid, at most `limit`, only those after `afterRid`:
   * for recovery after a crash. The owner is unknown when the store was lost while a role was owned.
   */
  unsaved(
    limit: number,
    afterRid?: string,
  ): Promise<readonly { readonly rid: string; readonly owner: string | undefined }[]>
}
