import type { RoleSnapshot } from '../role-snapshot.ts'

/** How {@link RoleQueue.push} may be asked. */
export interface PushOptions {
  /**
   * Past the journal into the database, although the journal may be there: for a role that the journal does not know
   * (see `OwnedRole.journalled`), or whose retaking has failed. From the first such push of an epoch on, all of it are.
   */
  readonly straight?: boolean
}

/** Stores that failed when they were last tried. */
export interface AwayStores {
  readonly journal: boolean
  readonly database: boolean
}

/**
 * Write-behind of role data: memory → journal (Redis) in micro-batches → database in batches. Holds only the latest
 * snapshot of each role.
 *
 * A snapshot must not change after it was pushed. A version is used once: after a push that was rejected the role
 * goes on with a larger one, whether it keeps the change or undoes it, because a call whose answer was lost may still
 * have stored the rejected snapshot.
 */
export interface RoleQueue {
  /**
   * Takes the newest snapshot of a role. Resolves when it is in the journal (or, while the journal is away, in the
   * database): from then on the death of this process cannot lose it. Rejected snapshots are dropped: the queue goes
   * on with the last one it took.
   *
   * @throws HydraError `SERVER_BUSY` when the bound on dirty roles is reached, `ROLE_ELSEWHERE` when another server
   * owns the role by now, `STORAGE_UNAVAILABLE` when neither store can be reached, `PAYLOAD_TOO_LARGE` or `INTERNAL`
   * when the stores refuse this content, `SHUTTING_DOWN` after {@link close}.
   */
  push(snapshot: RoleSnapshot, options?: PushOptions): Promise<void>
  /**
   * Resolves when the database has the latest snapshot of this role that was pushed before and not rejected, and the
   * journal entry is settled. Does not wait for better times: when a store is away it rejects after one try, while the
   * queue keeps the snapshot and goes on trying.
   *
   * @throws HydraError `STORAGE_UNAVAILABLE`, `ROLE_ELSEWHERE`, `PAYLOAD_TOO_LARGE`, `INTERNAL`.
   */
  flush(rid: string): Promise<void>
  /** Forgets a role that was flushed, or fenced off: its actor is gone and a later one may push with a larger epoch. */
  forget(rid: string): void
  /** Flushes everything. Answers how many roles were still dirty and could not be saved within `timeoutMs`. */
  drain(timeoutMs: number): Promise<{ readonly saved: number; readonly left: number }>
  /** Ends the work in the background; resolves when none is under way. What is still dirty stays in the journal. */
  close(): Promise<void>
  /** Roles whose latest snapshot the database does not have yet. */
  readonly dirty: number
  /** Which stores the queue does without at present. */
  readonly away: AwayStores
}
