import type { RoleSnapshot } from '../role-snapshot.ts'
import type { RoleOwners } from './role-owners.ts'

/**
 * Who owns each role, and the latest snapshot of each role that the database does not have yet. Redis or memory;
 * both pass `role-journal.contract.ts`. Every step is atomic and fenced: what carries an older epoch is refused.
 */
export interface RoleJournal extends RoleOwners {
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
   * Roles with an unsaved snapshot and who owns them, in order of rid, at most `limit`, only those after `afterRid`:
   * for recovery after a crash. The owner is unknown when the store was lost while a role was owned.
   */
  unsaved(
    limit: number,
    afterRid?: string,
  ): Promise<readonly { readonly rid: string; readonly owner: string | undefined }[]>
}
